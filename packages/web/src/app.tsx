import { useEffect, useState } from 'preact/hooks'
import { Lobby } from './lobby/lobby.tsx'
import { RoomPage } from './room/room-page.tsx'
import { acceptRecordings, Recording } from './score/replay/recordings.tsx'
import { parseRoute } from './shared/route.ts'

/** Shows the view that the address names. */
export function App() {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  const [file, setFile] = useState<File>()
  useEffect(() => acceptRecordings(setFile), [])
  if (file) return <Recording file={file} onClose={() => setFile(undefined)} />
  if (route.page === 'lobby') return <Lobby onRecording={setFile} />
  return <RoomPage key={route.room} room={route.room} tab={route.tab} query={route.query} />
}
