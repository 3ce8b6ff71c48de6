// The rooms, in the order of their tabs; each is fetched when it is first needed.
export const ROOMS = [
  { name: "playground", fetch: () => import("./rooms/playground.js") },
  { name: "step", fetch: () => import("./rooms/step.js") },
  { name: "functions", fetch: () => import("./rooms/functions.js") },
  { name: "descent", fetch: () => import("./rooms/descent.js") },
  { name: "digits", fetch: () => import("./rooms/digits.js") },
  { name: "model", fetch: () => import("./rooms/model.js") },
];
