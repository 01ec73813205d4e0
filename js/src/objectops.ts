// Lists and dicts change in ways that Redis has no command for: see listops.ts and dictops.ts. There are three ways to
// make such a change, from the best to the last resort:
//
//   - a command of ours, which a Go server has over a store;
//   - a script, on Redis;
//   - on a Python server, which has neither, a few commands: those that must not be torn apart in one pipeline, with
//     elements marked by a token that no value can equal. They take no more than what Python's store knows, which is one
//     value or field a command.
//
// The first call finds out which way works.
import type { Reply, Word } from "./commander.js";
import { ResponseError, UnknownCommandError, ZnSocketError } from "./errors.js";
import type { Core } from "./object.js";
import { randomID } from "./random.js";
import { script, scriptSum } from "./script.js";

const native = 0;
const scripted = 1;
const stepwise = 2;

/** Reports whether a change takes several commands, as on a Python server. */
export function takesSteps({ way }: Core): boolean {
  return way.next === stepwise;
}

/** Makes the changes of an object in steps from now on. */
export function takeSteps({ way }: Core): void {
  way.next = stepwise;
}

/**
 * Makes a change: by our command for it, ZN.name with the key and its arguments, by the script, which takes the same, or
 * by the steps. All three give the reply of the command.
 */
export async function change(core: Core, command: readonly Word[], steps: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const way = core.way.next;
    if (way === stepwise) return steps();
    try {
      return await (way === native ? core.run(command) : runScript(core, command));
    } catch (error) {
      if (!isUnknown(error)) throw error;
      if (core.way.next === way) core.way.next = way === native ? scripted : stepwise;
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof UnknownCommandError || (error instanceof ResponseError && /^(ERR )?unknown command/i.test(error.message));
}

/** Names the script by its sum and sends it only where it is not known yet. */
async function runScript(core: Core, [name, key, ...args]: readonly Word[]): Promise<Reply> {
  const rest = ["1", key!, String(name).replace("ZN.", ""), token(), ...args];
  try {
    return await core.run(["EVALSHA", scriptSum, ...rest]);
  } catch (error) {
    // redis-py, and with it a Python server, leaves the NOSCRIPT out.
    if (!(error instanceof ZnSocketError) || !error.message.includes("No matching script")) throw error;
    return core.run(["EVAL", script, ...rest]);
  }
}

// A script comes with how many keys it has, its key, its name and a token.
function isScript([name]: readonly Word[]): boolean {
  return name === "EVALSHA" || name === "EVAL";
}

/** Returns where the key of an object's command stands. */
export function keyPlace(command: readonly Word[]): number {
  return isScript(command) ? 3 : 1;
}

/** Returns the command that a script does the same as, and any other command as it is. */
export function unscripted(command: readonly Word[]): readonly Word[] {
  if (!isScript(command)) return command;
  const [, , , key, name, , ...args] = command;
  return [`ZN.${String(name)}`, key!, ...args];
}

/** Returns a text that no value of an object can equal. */
export function token(): string {
  return `znsocket.token:${randomID()}`;
}
