// The rooms, in the order of their tabs; each is fetched when it is first needed.
export const ROOMS = [
  { name: "playground", fetch: () => import("./rooms/playground/room.js") },
  { name: "step", fetch: () => import("./rooms/step/room.js") },
  { name: "functions", fetch: () => import("./rooms/functions/room.js") },
  { name: "descent", fetch: () => import("./rooms/descent/room.js") },
  { name: "digits", fetch: () => import("./rooms/digits/room.js") },
  { name: "model", fetch: () => import("./rooms/model/room.js") },
];
