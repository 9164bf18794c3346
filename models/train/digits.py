"""Train the models of handwritten digits: `make train-digits`. The same as models/train/fashion.py, without flips."""

from models.train.fashion import main

if __name__ == "__main__":
    main("digits")
