import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './styles.css'
import './table.css'
import './parts.css'
import { createRoot } from 'react-dom/client'
import { config } from 'zod'
import { App } from './App'

// zod would try whether it may compile code, which the page's content security policy reports.
config({ jitless: true })

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no element #root')
createRoot(root).render(<App />)
