"""ONNX: networks written as its operators and read from them."""
