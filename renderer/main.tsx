import './strict'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './styles.css'
import './frame.css'
import './table.css'
import './charts/charts.css'
import './components/components.css'
import './editor/form.css'
import './editor/data.css'
import './run/run.css'
import './settings/settings.css'
import './reading.css'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { watchFaults } from './faults'
import { GuardedPage } from './components/Guard'
import { tellFault } from './notifyFault'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no element #root')
watchFaults(window, (error) => tellFault('the window', error))
createRoot(root).render(
  <GuardedPage>
    <App />
  </GuardedPage>,
)
