// A window, times its kernel, is the products; their sum with the bias is one number of the map.
import { signedColor } from "../../colors.js";
import { h } from "../../dom.js";
import { t } from "../../i18n.js";

const MOST = 3; // channels that are shown at once; of more the largest, and how many more

export class SumView {
  constructor() {
    this.title = h("h2", { class: "sum-title" });
    this.parts = h("div", { class: "sum-parts" });
    this.lines = h("div", { class: "filled math" });
    this.element = h("div", { class: "sum", tabindex: 0, role: "group", ta: { "aria-label": "conv.sum" } });
    this.element.append(this.title, this.parts, this.lines);
  }

  // found: the answer of "unit"; title: words
  show(found, title) {
    this.found = found;
    this.title.textContent = title;
    this.element.hidden = !found;
    if (!found) return;
    const channels = found.channels ?? [];
    const order = channels.map((_, i) => i);
    if (channels.length > MOST) order.sort((a, b) => Math.abs(channels[b].sum) - Math.abs(channels[a].sum));
    const shown = order.slice(0, MOST).sort((a, b) => a - b);
    this.parts.replaceChildren(
      ...shown.map((i) => this.line(channels[i], channels.length > 1)),
      ...(channels.length > MOST
        ? [h("p", { class: "faint", t: ["conv.more_channels", { count: channels.length + found.more - MOST }] })]
        : []),
    );
    const lines = found.sum ? [`z = ${found.sum}`, ...found.lines.slice(1)] : found.lines;
    this.lines.replaceChildren(...lines.map((line) => h("p", {}, pretty(line))));
  }

  line(channel, named) {
    const { padding, winner } = this.found;
    const outside = new Set((padding ?? []).map(([i, j]) => `${i},${j}`));
    const won = winner ? `${winner[0]},${winner[1]}` : "";
    const name = named ? h("span", { class: "faint" }, t("conv.channel", { channel: channel.channel + 1 })) : null;
    const window = table("conv.window", channel.window, (i, j) => {
      const place = `${i},${j}`;
      return outside.has(place) ? "outside" : place === won ? "won" : "";
    });
    if (!channel.kernel) return h("div", { class: "sum-line" }, name, window);
    return h(
      "div",
      { class: "sum-line" },
      name,
      window,
      sign("×"),
      table("conv.kernel", channel.kernel),
      sign("="),
      table("conv.products", channel.products),
      sign("→"),
      h("b", { class: "sum-total" }, `Σ ${pretty(channel.sum_text)}`),
    );
  }
}

const sign = (text) => h("span", { class: "between", "aria-hidden": "true" }, text);

// Numbers as they lie, coloured by their size.
function table(label, rows, classOf = () => "") {
  const most = Math.max(1e-9, ...rows.flat().map(Math.abs));
  const cells = rows.map((row, i) =>
    h(
      "tr",
      {},
      row.map((value, j) =>
        h(
          "td",
          { class: classOf(i, j) || null, style: { background: signedColor((0.4 * value) / most) } },
          String(Number(value.toPrecision(rows.length > 4 ? 2 : 3))).replace("-", "−"),
        ),
      ),
    ),
  );
  return h(
    "table",
    { class: `numbers-of${rows.length > 4 ? " many" : ""}`, ta: { "aria-label": label } },
    h("tbody", {}, cells),
  );
}

export const pretty = (text) => text.replaceAll("-", "−");
