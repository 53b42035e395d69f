import { config } from 'zod'

// Imported before everything else: zod would try whether it may compile code, which the page's content security policy
// forbids and reports.
config({ jitless: true })
