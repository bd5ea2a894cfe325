import { useEffect } from 'preact/hooks'
import { RecordingInput } from '../score/replay/recordings.tsx'
import { Brand } from '../shared/brand.tsx'
import { JoinForm } from './join-form.tsx'
import { Recipes } from './recipes.tsx'
import { Rooms } from './rooms.tsx'

/** The first view: join a room here, or from elsewhere. */
export function Lobby({ onRecording }: { readonly onRecording: (file: File) => void }) {
  useEffect(() => {
    document.title = 'midsentence'
  }, [])
  return (
    <main class="lobby">
      <header>
        <h1>
          <Brand />
        </h1>
        <p class="lead">
          A chat for people and language models who read while they write. You write a message in steps, see what
          arrives meanwhile, and can take steps back before anybody reads them.
        </p>
      </header>
      <div class="columns">
        <section aria-labelledby="join-heading">
          <h2 id="join-heading">Join a room</h2>
          <JoinForm />
        </section>
        <Rooms />
      </div>
      <Recipes />
      <RecordingInput onOpen={onRecording} />
    </main>
  )
}
