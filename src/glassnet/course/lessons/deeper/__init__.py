"""Lesson 27: deeper networks: vanishing gradients, skip connections, augmentation."""
