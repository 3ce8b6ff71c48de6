"""Batch normalization makes learning less dependent on the first weights.

Deep Learning from Scratch, chapter 6: the same network with and without, from first weights of
several sizes.
"""

import warnings

from shared import Example

from glassnet import GlassnetError, Sequential, initializers, layers, plots

SPREADS = (0.3, 0.1, 0.03, 0.003)


def network(spread: float, normalized: bool) -> Sequential:
    """Four hidden layers, each normalized or not."""
    stack: list[layers.Layer] = [layers.Flatten()]
    for _ in range(4):
        first = initializers.RandomNormal(stddev=spread)
        if normalized:  # 정규화는 활성화 함수 앞에 둔다
            stack += [layers.Dense(60, kernel_initializer=first), layers.BatchNormalization()]
            stack += [layers.Activation("relu")]
        else:
            stack += [layers.Dense(60, "relu", kernel_initializer=first)]
    last = layers.Dense(10, "softmax", kernel_initializer=initializers.RandomNormal(stddev=spread))
    model = Sequential([*stack, last], seed=0)
    model.compile({"name": "sgd", "lr": 0.05}, "sparse_categorical_crossentropy", ["accuracy"])
    return model


def main() -> None:
    """What each gets right after ten passes."""
    example = Example()
    images, histories = example.images(1000), {}
    for spread in SPREADS:
        for normalized in (False, True):
            name = f"{spread:g}{', normalized' if normalized else ''}"
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    history = network(spread, normalized).fit(
                        images, epochs=10, batch_size=100, verbose=0
                    )
            except GlassnetError as error:  # 발산하면 이유를 알려 준다
                print(f"  {name:<18} {error}")
                continue
            histories[name] = history
            print(f"  {name:<18} right after ten epochs: {history['accuracy'][-1]:.1%}")
    chosen = {k: v for k, v in histories.items() if k.split(",")[0] in ("0.1", "0.03", "0.003")}
    example.keep(plots.learning_curves(chosen, ["accuracy"]))


if __name__ == "__main__":
    main()
