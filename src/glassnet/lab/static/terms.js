// Which word of the glossary a text of the page is about, and where it can be seen.
// Their texts are term.<word>, its name, and term.<word>.says, one sentence.

// Where a word is seen: a room, a panel of the playground, and what is lit there.
const PANEL = (panel) => ({ panel, lit: `[data-panel="${panel}"]` });
const ROOM = (room) => ({ room, lit: `#tab-${room}` });
const FIELD = (name) => ({ lit: `[data-field~="${name}"]` });
const FUNCTIONS = ROOM("functions");
const STEP = ROOM("step");
const LAYERS = FIELD("layers");
const NETWORK = { lit: ".net .network" };
const OUTPUT = { lit: ".net .heads > :last-child" };
const MORE = { lit: ".net .more" };
const CURVES = PANEL("curves");
const NUMBERS = { lit: ".run .numbers" };

export const TERMS = {
  sample: FIELD("data"),
  class: { lit: ".results .legend" },
  noise: FIELD("noise"),
  test_share: FIELD("test_share"),
  data_seed: FIELD("data_seed"),
  input: { lit: ".net .units" },
  network: NETWORK,
  layer: LAYERS,
  unit: NETWORK,
  weight: NETWORK,
  bias: NETWORK,
  parameters: { lit: ".net-top" },
  activation: FUNCTIONS,
  output: OUTPUT,
  softmax: OUTPUT,
  sigmoid: FUNCTIONS,
  init: FIELD("init"),
  seed: FIELD("seed"),
  loss: FIELD("loss"),
  crossentropy: FUNCTIONS,
  optimizer: ROOM("descent"),
  learning_rate: FIELD("learning_rate"),
  schedule: FIELD("schedule"),
  batch_size: FIELD("batch_size"),
  batch: NUMBERS,
  epoch: NUMBERS,
  l1: FIELD("l1"),
  l2: FIELD("l2"),
  dropout: MORE,
  batch_norm: MORE,
  skip: MORE,
  accuracy: CURVES,
  training: CURVES,
  test: CURVES,
  curves: CURVES,
  overfitting: CURVES,
  matrix: PANEL("matrix"),
  activations: PANEL("layers"),
  gradients: PANEL("layers"),
  map: { lit: ".results .map" },
  gradient: STEP,
  forward: STEP,
  backward: STEP,
  update: STEP,
  check_title: STEP,
  dead: NETWORK,
  show_test: FIELD("show_test"),
  sharp: FIELD("sharp"),
  log_axis: FIELD("log_axis"),
  play: { lit: ".run .play" },
  reset: { lit: ".transport" },
  pace: FIELD("pace"),
  until: FIELD("until"),
  patience: FIELD("until"),
  mistakes: STEP,
};

// Texts whose key does not end in the word.
const ALSO = {
  "field.samples": "sample",
  "field.data": "sample",
  "play.data": "sample",
  "play.network": "network",
  "play.inputs": "input",
  "play.learned": "map",
  "play.loss_both": "loss",
  "play.accuracy_both": "accuracy",
  "play.epoch_number": "epoch",
  "play.layers": "layer",
  "play.rate_now": "learning_rate",
  "choice.panel.layers": "activations",
  "field.schedule_epochs": "schedule",
  "field.step_batch": "batch_size",
  "field.step_first": "sample",
  "field.until_value": "until",
  "field.digits_data": "sample",
  "field.digits_units": "unit",
  "field.digits_rate": "learning_rate",
  "field.digits_epochs": "epoch",
  "field.digits_seed": "seed",
  "field.digits_network": "network",
  "field.conv_data": "sample",
  "field.conv_rate": "learning_rate",
  "field.conv_back_rate": "learning_rate",
  "field.conv_pace": "pace",
  "field.conv_seed": "seed",
  "play.other_seed": "seed",
  "play.other_points": "data_seed",
  "digits.reset": "reset",
  "digits.network": "network",
};
const PARTS = ["field", "play", "step", "choice.panel"];

export function termOf(key) {
  if (key in ALSO) return ALSO[key];
  const at = key.lastIndexOf(".");
  const last = key.slice(at + 1);
  return PARTS.includes(key.slice(0, at)) && Object.hasOwn(TERMS, last) ? last : undefined;
}
