// The state with its weights, kept in the tab: Back, Reload and a server that was started again
// on the same address lose nothing. It is taken only for the address that it belongs to.
const NAME = "glassnet-lab";
const EVERY = 1500; // milliseconds

export function keptFor(address) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
    return kept?.address === address ? kept.file : null;
  } catch {
    return null; // no storage, or not ours
  }
}

// Keeps what has changed since the last look.
export function keepState(lab) {
  let seen = "";
  let asking = false;
  lab.drawers.push(({ status }) => (seen = status ? `${status.epoch} ${status.steps} ${status.version}` : seen));
  let last = "";
  setInterval(async () => {
    const now = `${seen} ${lab.state.address}`;
    if (asking || now === last || !lab.state.structure || !lab.socket.open) return;
    asking = true;
    const file = await lab.ask("file", {}, "playground", () => {});
    asking = false;
    last = now;
    if (!file) return;
    try {
      sessionStorage.setItem(NAME, JSON.stringify({ address: lab.state.address, file }));
    } catch {
      sessionStorage.removeItem(NAME); // too large: a reload starts from the address
    }
  }, EVERY);
}
