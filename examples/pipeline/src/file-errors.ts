import { toError } from '@promline/core'

/** What the system's codes mean to a person. */
const explanations: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  EEXIST: 'it is a file',
  ENOTDIR: 'part of its path is a file',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
}

/** Why a file or folder could not be used, in words. */
export function explainFileError(error: unknown): string {
  return explanations[codeOf(error) ?? ''] ?? toError(error).message
}

/** The system's code of an error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
