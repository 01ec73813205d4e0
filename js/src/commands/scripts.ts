import type { Word } from "../commander.js";
import { asIs, command, done, type Key, type Many, numbered, of, text, truths } from "./command.js";

/** What a script finds as KEYS and ARGV. */
export interface ScriptArguments {
  keys?: readonly Key[];
  arguments?: readonly Word[];
}

const run =
  (name: string) =>
  (script: Key, given: ScriptArguments = {}) =>
    command(asIs, [name, script, ...numbered(given.keys ?? []), ...(given.arguments ?? [])]);

export const scriptCommands = {
  /** Runs a script of Lua and gives what it returns; an error among that is a ZnSocketError. */
  eval: run("EVAL"),
  /** Runs a script that the server has, by its SHA-1. */
  evalSha: run("EVALSHA"),
  /** Runs a script that only reads. */
  evalRo: run("EVAL_RO"),
  /** Runs a script that the server has and that only reads. */
  evalShaRo: run("EVALSHA_RO"),
  /** Has the server keep a script and gives its SHA-1. */
  scriptLoad: of(text)<[script: Key]>("SCRIPT LOAD"),
  /** Reports of each SHA-1 whether the server has the script. */
  scriptExists: of(truths)<[...shas: Many<string>]>("SCRIPT EXISTS", 0),
  /** Has the server forget all scripts. */
  scriptFlush: of(done)<[]>("SCRIPT FLUSH"),
  /** Ends the script that runs, if it has changed nothing yet. */
  scriptKill: of(done)<[]>("SCRIPT KILL"),
};
