import { ActionIcon } from '@mantine/core'
import { X } from 'lucide-react'
import { sentence } from '../../core/sentence'
import { useStore } from '../store'

const dismiss = (id: string): void =>
  useStore.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }))

/** What a person should know about their library: it stays until it is put away. */
export function Banners() {
  const notices = useStore((state) => state.notices)
  const readOnly = useStore((state) => state.app?.readOnly ?? '')
  return (
    <>
      {readOnly !== '' && (
        <div className="banner" data-level="warning" role="alert">
          <p>The library is open for reading only. {sentence(readOnly)}</p>
        </div>
      )}
      {notices.map((notice) => (
        <div
          key={notice.id}
          className="banner selectable"
          data-level={notice.level}
          role={notice.level === 'error' ? 'alert' : 'status'}
        >
          <p>{sentence(notice.message)}</p>
          <ActionIcon aria-label="Put this notice away" size={20} onClick={() => dismiss(notice.id)}>
            <X size={14} />
          </ActionIcon>
        </div>
      ))}
    </>
  )
}
