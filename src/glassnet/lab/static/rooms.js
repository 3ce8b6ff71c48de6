// The rooms, in the order of their tabs.
import { room as playground } from "./rooms/playground.js";

export const ROOMS = [playground];
