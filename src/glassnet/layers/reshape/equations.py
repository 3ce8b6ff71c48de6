"""How a layer is explained that only gives the numbers another form: y = x."""

from __future__ import annotations

from glassnet.layers.equations import DX, DY, Description, LayerEquations, outgoing, output


class ReshapeEquations(LayerEquations):
    """y = x, for Reshape and Flatten."""

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = x, in another form", "y = x"),
            "dx": outgoing("∂L/∂x = ∂L/∂y, in another form", f"{DX} = {DY}"),
        }
