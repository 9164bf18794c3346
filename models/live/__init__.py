"""Small networks trained while you watch: data, networks, the loop, and what it leaves behind.

Nothing here knows the page. `models.live.loop.train` needs torch; data, setups, lessons and recordings do not.
"""
