/** The sets of experiments by name: each is a file beside this one. Policies and scenarios cannot be sent to a worker; names can. */
const files = { report: './experiments.mjs', tuning: './tuning.mjs' }

export async function experimentsOf(set) {
  const { experiments } = await import(files[set])
  return experiments
}
