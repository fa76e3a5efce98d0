// Putting one of several things at another place.

/** `names` with `name` at the place `to`, the others in their order. */
export function moved(names: readonly string[], name: string, to: number): string[] {
  const others = names.filter((each) => each !== name);
  others.splice(Math.max(0, Math.min(others.length, to)), 0, name);
  return others;
}
