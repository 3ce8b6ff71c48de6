// A lesson in a strip beside the room: text, what is to be reached, questions, the way on.
import { h } from "./dom.js";
import { language, t } from "./i18n.js";
import { build } from "./lessontext.js";
import { quiz } from "./quiz.js";

const LOOK = 400; // milliseconds between two looks at whether a step is done
const KINDS = ["own", "lab", "level", "course"];
const lit = new CSSStyleSheet();
document.adoptedStyleSheets.push(lit);

const button = (key, onclick, more = {}) => h("button", { type: "button", t: key, onclick, ...more });

export class LessonStrip {
  constructor(lab, main) {
    this.lab = lab;
    this.main = main;
    this.lesson = null; // what is shown, as the server describes it
    this.shown = ""; // language, lesson and step that are on the page
    this.body = h("div", { class: "lesson-body", tabindex: 0, role: "group", ta: { "aria-label": "lesson.text" } });
    this.place = h("p", { class: "faint lesson-place" });
    this.element = h(
      "section",
      { class: "lesson", hidden: true, ta: { "aria-label": "field.lesson" } },
      h(
        "div",
        { class: "lesson-top" },
        button("lesson.all", () => lab.set("lesson", "all"), { class: "small quiet" }),
        this.place,
        h(
          "button",
          {
            type: "button",
            class: "small quiet",
            ta: { "aria-label": "lesson.close" },
            onclick: () => lab.set("lesson", ""),
          },
          "×",
        ),
      ),
      this.body,
    );
    main.append(this.element);
    lab.listeners.push((parts) => parts.values && this.follow());
    setInterval(() => this.look(), LOOK);
  }

  // What the state says is shown; an answer that comes late, for another step, is let go.
  async follow() {
    const wanted = this.lab.state.values.lesson;
    this.element.hidden = !wanted;
    this.main.classList.toggle("guided", Boolean(wanted));
    const key = `${language()} ${wanted}`;
    if (key === this.shown) return;
    this.shown = key;
    this.step = null;
    lit.replaceSync("");
    if (!wanted) return;
    if (wanted === "all") {
      const found = await this.lab.ask("lessons", { language: language() });
      if (found && this.shown === key) this.list(found);
      return;
    }
    const [name, number] = wanted.split("/");
    if (this.lesson?.key !== `${language()} ${name}`) {
      this.body.replaceChildren(h("p", { class: "faint", role: "status", t: "lesson.loading" }));
      const found = await this.lab.ask("lesson", { name, language: language() });
      if (!found || this.shown !== key) return;
      this.lesson = { ...found, key: `${language()} ${name}` };
    }
    this.show(Math.min(Math.max(Number(number) || 1, 1), this.lesson.steps.length));
  }

  list(lessons) {
    this.place.textContent = "";
    const row = ({ name, title, passed, best }) =>
      h(
        "li",
        {},
        h("a", { href: `#lesson=${name}` }, title),
        passed
          ? h(
              "span",
              { class: "good", title: t("lesson.passed") },
              " ✓",
              h("span", { class: "unseen", t: "lesson.passed" }),
            )
          : null,
        best ? h("p", { class: "faint", t: ["lesson.best", { best: best.toLocaleString() }] }) : null,
      );
    this.body.replaceChildren(
      ...KINDS.flatMap((kind) => {
        const rows = lessons.filter((one) => one.kind === kind);
        return rows.length ? [h("h2", { t: `lesson.kind.${kind}` }), h("ol", {}, rows.map(row))] : [];
      }),
    );
  }

  show(number) {
    const { lesson } = this;
    const step = lesson.steps[number - 1];
    this.step = { ...step, number, done: !step.until };
    const count = lesson.steps.length;
    this.place.textContent = count > 1 ? t("lesson.step_of", { step: number, count }) : "";
    const first = number === 1;
    this.goal = h("p", { class: "goal", role: "status", hidden: !step.until });
    this.score = h("p", { class: "faint", hidden: true });
    this.heading = h("h2", { tabindex: -1 }, first ? lesson.title : step.title);
    this.body.replaceChildren(
      this.heading,
      first && lesson.question.length ? h("p", { class: "lesson-question" }, build(lesson.question)) : "",
      first && step.title !== lesson.title ? h("h3", {}, step.title) : "",
      ...build(step.blocks),
      ...step.questions.map(quiz),
      this.goal,
      this.score,
      this.ways(number, count),
    );
    this.body.scrollTop = 0;
    if (step.light.length) {
      lit.replaceSync(
        `${step.light.join(", ")} { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }`,
      );
    }
    if (this.moved) this.heading.focus();
    this.moved = false;
    this.tell(false);
    this.look();
  }

  // Back, the step from its beginning, and on.
  ways(number, count) {
    const { lesson } = this;
    const last = number === count;
    const onward = last ? lesson.next && `lesson=${lesson.next}` : true;
    this.next =
      onward && button(last ? "lesson.next_lesson" : "lesson.next", () => this.go(number + 1), { class: "main" });
    return h(
      "div",
      { class: "lesson-ways" },
      number > 1 ? button("lesson.back", () => this.open(number - 1)) : null,
      lesson.steps.some((step) => step.state)
        ? button("lesson.again", () => this.open(number), { class: "quiet" })
        : null,
      this.next || null,
    );
  }

  // To a step as it begins; one without a state of its own keeps what is there.
  go(number) {
    const step = this.lesson.steps[number - 1];
    if (step && !step.state) {
      this.moved = true;
      this.lab.set("lesson", `${this.lesson.name}/${number}`);
    } else if (step) this.open(number);
    else this.opened(`lesson=${this.lesson.next}`);
  }

  open(number) {
    this.opened(`lesson=${this.lesson.name}/${number}`);
  }

  opened(address) {
    const { language: code, theme } = this.lab.state.values;
    this.moved = true;
    this.shown = "";
    const kept = [code !== "auto" && `language=${code}`, theme !== "auto" && `theme=${theme}`].filter(Boolean);
    this.lab.open([address, ...kept].join("&"));
  }

  async look() {
    const { step, lesson } = this;
    if (!step?.until || this.looking || document.hidden || (step.done && lesson.kind !== "level")) return;
    this.looking = true;
    const found = await this.lab.ask("reached", { name: lesson.name, step: step.number, language: language() });
    this.looking = false;
    if (!found || this.step !== step) return;
    if (found.reached !== step.done) {
      step.done = found.reached;
      this.tell(found.reached);
    }
    if (found.best) {
      const best = found.best.toLocaleString();
      const score = found.reached && found.score;
      this.score.hidden = false;
      this.score.textContent = score
        ? t("lesson.score", { score: score.toLocaleString(), best })
        : t("lesson.best", { best });
    }
  }

  tell(done) {
    if (!this.step.until) return;
    this.goal.classList.toggle("done", done);
    this.goal.textContent = done ? `✓ ${t("lesson.reached")}` : t("lesson.open");
    if (!this.next) return;
    this.next.classList.toggle("main", done);
    const last = this.step.number === this.lesson.steps.length;
    this.next.textContent = t(last ? "lesson.next_lesson" : done ? "lesson.next" : "lesson.skip");
  }
}
