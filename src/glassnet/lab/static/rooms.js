// The rooms, in the order of their tabs, as the server writes them into the page; the module of
// each is fetched when it is first needed.
export const ROOMS = document.documentElement.dataset.rooms
  .split(" ")
  .map((name) => ({ name, fetch: () => import(`./rooms/${name}/room.js`) }));
