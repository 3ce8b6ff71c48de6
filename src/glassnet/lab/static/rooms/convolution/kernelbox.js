// A kernel to set by hand, number by number, or to choose among the well-known ones.
import { signedColor } from "../../colors.js";
import { h, write } from "../../dom.js";
import { t } from "../../i18n.js";

const SIDES = [1, 2, 3, 4, 5, 6, 7];

export class KernelBox {
  constructor(lab, ask) {
    Object.assign(this, { lab, ask });
    this.boxes = [];
    this.cells = h("div", { class: "kernel-cells", role: "group", ta: { "aria-label": "conv.kernel" } });
    this.preset = h("select", {
      ta: { "aria-label": "conv.preset" },
      onchange: () => this.chosen(this.preset.value),
    });
    this.side = h(
      "select",
      { ta: { "aria-label": "conv.kernel_size" }, onchange: () => this.take({ side: Number(this.side.value) }) },
      SIDES.map((side) => h("option", { value: side }, `${side}×${side}`)),
    );
    this.element = h(
      "div",
      { class: "kernel-box", "data-field": "conv_kernel" },
      h("div", { class: "row" }, this.preset, this.side),
      this.cells,
    );
    this.cells.addEventListener("keydown", (event) => this.walk(event));
  }

  chosen(name) {
    if (name.startsWith("#")) this.take({ filter: Number(name.slice(1)) });
    else if (name) this.take({ name });
  }

  // The numbers come from the server, and go back as the field.
  async take(what) {
    const found = await this.ask("kernel", what);
    if (found) this.lab.set("conv_kernel", found.rows);
  }

  // scene: the answer of that name
  show(scene) {
    const rows = this.lab.latest("conv_kernel");
    if (this.preset.options.length !== scene.presets.length + 1 + scene.learned) {
      this.preset.replaceChildren(
        h("option", { value: "", t: "conv.preset_own" }),
        ...scene.presets.map((name) => h("option", { value: name, t: `choice.conv_target.${name}` })),
        ...Array.from({ length: scene.learned }, (_, i) =>
          h("option", { value: `#${i}`, t: ["conv.learned", { filter: i + 1 }] }),
        ),
      );
    }
    this.preset.value = scene.kernel.name;
    this.side.value = String(rows.length);
    if (this.boxes.length !== rows.length ** 2) this.build(rows.length);
    const most = Math.max(1e-9, ...rows.flat().map(Math.abs));
    rows.flat().forEach((value, i) => {
      write(this.boxes[i], short4(value));
      const share = value / most;
      this.boxes[i].style.setProperty("background", signedColor(0.4 * share));
    });
  }

  build(side) {
    this.cells.style.setProperty("grid-template-columns", `repeat(${side}, minmax(0, 1fr))`);
    this.boxes = Array.from({ length: side * side }, (_, i) => {
      const box = h("input", {
        type: "text",
        class: "number",
        inputmode: "decimal",
        autocomplete: "off",
        ta: { "aria-label": ["conv.kernel_at", { row: Math.floor(i / side) + 1, column: (i % side) + 1 }] },
        onfocus: () => box.select(),
        oninput: () => (box.typing = true),
        onblur: () => (box.typing = false),
        onchange: () => this.put(i, box),
      });
      return box;
    });
    this.cells.replaceChildren(...this.boxes);
  }

  put(i, box) {
    box.typing = false;
    const value = Number(box.value.replace(",", ".").replace("−", "-"));
    const rows = this.lab.latest("conv_kernel").map((row) => [...row]);
    const [row, column] = [Math.floor(i / rows.length), i % rows.length];
    if (!box.value.trim() || !Number.isFinite(value)) {
      box.value = short4(rows[row][column]);
      return;
    }
    rows[row][column] = value;
    this.lab.set("conv_kernel", rows);
  }

  // Up and down change a number by a tenth of the wheel's step; with Alt the arrows walk.
  walk(event) {
    const here = this.boxes.indexOf(event.target);
    if (here < 0 || event.ctrlKey || event.metaKey) return;
    const side = Math.sqrt(this.boxes.length);
    const moves = { ArrowUp: -side, ArrowDown: side, ArrowLeft: -1, ArrowRight: 1 };
    if (event.altKey && event.key in moves) {
      event.preventDefault();
      this.boxes[here + moves[event.key]]?.focus();
    } else if (!event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const step = (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 1 : 0.25);
      const rows = this.lab.latest("conv_kernel");
      const box = event.target;
      box.value = short4(rows[Math.floor(here / side)][here % side] + step);
      this.put(here, box);
    }
  }
}

const short4 = (value) => String(Number(value.toPrecision(4))).replace("-", "−");

// What the kernel is, in words.
export const kernelName = (scene) => (scene.kernel.name ? t(`conv.about.${scene.kernel.name}`) : t("conv.about.own"));
