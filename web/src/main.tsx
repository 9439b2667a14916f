import { render } from 'preact'
import type { Upload } from '../../src/schemas/uploads.ts'

const name = (upload: Upload) => upload.filename
const root = document.getElementById('app')
if (root !== null) render(<p>{typeof name}</p>, root)
