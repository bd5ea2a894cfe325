import { useLazy } from '../../shared/lazy.ts'
import type { RecordingProps } from './score-recording.tsx'

/** Calls `open` with each file that is dropped on the page, until the returned function is called. */
export function acceptRecordings(open: (file: File) => void): () => void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
  const onDragOver = (event: DragEvent) => {
    if (hasFiles(event)) event.preventDefault()
  }
  const onDrop = (event: DragEvent) => {
    if (!hasFiles(event)) return
    // Else the browser leaves the page for the file.
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    if (file) open(file)
  }
  addEventListener('dragover', onDragOver)
  addEventListener('drop', onDrop)
  return () => {
    removeEventListener('dragover', onDragOver)
    removeEventListener('drop', onDrop)
  }
}

/** Replays a recorded file. The score is loaded when the first file is opened. */
export function Recording(props: RecordingProps) {
  const View = useLazy(() => import('./score-recording.tsx'))?.RecordingPage
  return View ? <View {...props} /> : <main aria-busy="true" />
}

/** Lets one choose a recorded file, as a drop on the page does. */
export const RecordingInput = ({ onOpen }: { readonly onOpen: (file: File) => void }) => (
  <label class="recording-input">
    Replay a recorded file, or drop one on this page:{' '}
    <input
      type="file"
      accept=".ndjson,.jsonl"
      onChange={({ currentTarget: { files } }) => {
        if (files?.[0]) onOpen(files[0])
      }}
    />
  </label>
)
