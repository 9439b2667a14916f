import { render } from 'preact'
import { App } from './app/app.tsx'
import { startRouter } from './app/router.tsx'
import './styles/tokens.css'
import './styles/base.css'

const root = document.getElementById('app')
if (root !== null) {
  startRouter()
  render(<App />, root)
}
