// The rooms, in the order of their tabs.
import { room as descent } from "./rooms/descent.js";
import { room as digits } from "./rooms/digits.js";
import { room as functions } from "./rooms/functions.js";
import { room as model } from "./rooms/model.js";
import { room as playground } from "./rooms/playground.js";
import { room as step } from "./rooms/step.js";

export const ROOMS = [playground, step, functions, descent, digits, model];
