import { useEffect, useState } from 'preact/hooks'
import type { ScorePlayer } from '../model/player.ts'

/** Renders again after each change of `player`. */
export function usePlayer(player: ScorePlayer): void {
  const [, setTurn] = useState(0)
  useEffect(() => player.listen(() => setTurn(turn => turn + 1)), [player])
}
