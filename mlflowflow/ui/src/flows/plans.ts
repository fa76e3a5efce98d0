// What can be run of the projects that pages may run, the values that are given, and the command that does the same.

import type { PlanParameter, ProjectsAnswer } from "../core/types.ts";
import { quoted } from "../run/again.ts";

/** Something that can be run; its `key` tells it from all others. */
export interface Plan {
  readonly key: string;
  readonly project: string;
  readonly folder: string;
  readonly name: string;
  readonly kind: string;
  readonly parameters: readonly PlanParameter[];
}

/** The key of a plan. */
export function keyOf(project: string, plan: string): string {
  return `${project}/${plan}`;
}

/** All that can be run, in the order of the projects and of their files. */
export function plansOf({ projects }: ProjectsAnswer): readonly Plan[] {
  return projects.flatMap(({ name: project, folder, plans }) => plans.map((each) => ({ ...each, key: keyOf(project, each.name), project, folder })));
}

/** The plan with a key. */
export function planOf(plans: readonly Plan[], key: string): Plan | undefined {
  return plans.find((each) => each.key === key);
}

/** The values that texts such as `rows=900` give; those of other plans count for nothing. */
export function given(texts: readonly string[], { parameters }: Plan): Readonly<Record<string, string>> {
  const known = new Set(parameters.map((each) => each.name));
  const pairs = texts.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => known.has(name)));
}

/** The texts that `given` reads. */
export function written(params: Readonly<Record<string, string>>): string[] {
  return Object.entries(params).map(([name, value]) => `${name}=${value}`);
}

/** The line for a shell that runs a plan. */
export function commandLine(plan: Plan, params: Readonly<Record<string, string>>, experiment: string): string {
  const values = written(params).flatMap((each) => ["-P", each]);
  const into = experiment === "" ? [] : ["--experiment", experiment];
  return ["mlff", "run", plan.folder, "-e", plan.name, ...into, ...values].map(quoted).join(" ");
}
