import './styles/base.css'
import './styles/lobby.css'
import './styles/room.css'
import './styles/talk.css'
import './styles/composer.css'
import { render } from 'preact'
import { App } from './app.tsx'

render(<App />, document.getElementById('root')!)
