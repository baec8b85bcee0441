/** What promline calls itself in requests: `promline/<version>`. A test keeps it equal to the package's version. */
export const userAgent = 'promline/0.1.0'
