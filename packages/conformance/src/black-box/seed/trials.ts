import type { Ground, Trial } from '../trial.ts'
export async function seedTrials(_: Ground): Promise<readonly Trial[]> {
  return []
}
