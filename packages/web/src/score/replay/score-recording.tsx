import { useEffect, useState } from 'preact/hooks'
import { ScorePlayer } from '../model/player.ts'
import { readScoreFile } from '../model/read-file.ts'
import { type MomentTab, ScorePage } from '../view/score-page.tsx'

export interface RecordingProps {
  readonly file: File
  readonly onClose: () => void
}

/** Replays a recorded file, without a server. */
export function RecordingPage({ file, onClose }: RecordingProps) {
  const [player, setPlayer] = useState<ScorePlayer>()
  const [tab, setTab] = useState<MomentTab>('score')
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isCurrent = true
    setPlayer(undefined)
    setProblem(undefined)
    readScoreFile(file).then(
      records => {
        if (!isCurrent) return
        const read = new ScorePlayer()
        read.add(records)
        read.seek(read.model.last)
        setPlayer(read)
      },
      error => isCurrent && setProblem(error instanceof TypeError ? error.message : 'This file cannot be read.'),
    )
    return () => {
      isCurrent = false
    }
  }, [file])
  return (
    <main class="score-recording">
      <header>
        <h1>
          Recording <bdi>{file.name}</bdi>
        </h1>
        {(['past', 'score'] as const).map(each => (
          <button type="button" key={each} aria-pressed={tab === each} onClick={() => setTab(each)}>
            {each === 'past' ? 'Talk' : 'Score'}
          </button>
        ))}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {player ? (
        <ScorePage player={player} tab={tab} isRecording />
      ) : (
        problem === undefined && <p role="status">Reading the file …</p>
      )}
    </main>
  )
}
