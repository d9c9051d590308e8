/** The name under which the main step keeps the process id for the post step. */
export const SANDBOX_PID = 'sandbox-pid'
