// How the states of trials and the outcomes of attempts are told apart: a colour and a word, everywhere the same.

/** The states in the order in which they are counted up, with the variable of their colour. */
export const STATES: readonly (readonly [state: string, words: string, tone: string])[] = [
  ["COMPLETE", "complete", "--good"],
  ["PRUNED", "pruned", "--series-7"],
  ["INFEASIBLE", "infeasible", "--warn"],
  ["FAILED", "failed", "--bad"],
  ["RUNNING", "running", "--accent"],
  ["QUEUED", "queued", "--line-strong"],
];

const TONES = new Map(STATES.map(([state, , tone]) => [state, tone]));
const OUTCOMES: Readonly<Record<string, string>> = {
  completed: "--good",
  pruned: "--series-7",
  error: "--bad",
  timeout: "--bad",
  worker_lost: "--warn",
  cancelled: "--line-strong",
  running: "--accent",
};

/** The variable of the colour of a trial's state. */
export function tone(state: string): string {
  return TONES.get(state) ?? "--line-strong";
}

/** The variable of the colour of an attempt's outcome. */
export function outcomeTone(outcome: string): string {
  return OUTCOMES[outcome] ?? "--line-strong";
}
