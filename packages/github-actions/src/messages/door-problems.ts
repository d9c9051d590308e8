/** What it means that a flow or event did not get through, or a flow did not end well, by code. */
import type { DoorName } from '@change-actions/change-control'
import type { DoorCode, DoorProblems, FlowChangeReason, SentFacts } from '@change-actions/change-operations'
import { formatDuration } from '../inputs/time.ts'
import { clientTitle } from './client-titles.ts'
import { type Explanation, stopped } from './explanation.ts'

/** `the flow global.deploy`. */
function what({ kind, name }: SentFacts): string {
  return name === '' ? `the ${kind}` : `the ${kind} ${name}`
}

function said({ message }: SentFacts): string {
  return message === undefined || message === '' ? '' : ` The response: ${stopped(message)}`
}

function notTaken(facts: SentFacts): string {
  return `ServiceNow did not take ${what(facts)} at ${facts.endpoint}.${said(facts)}`
}

function execution({ execution: id }: { readonly execution: string }): string {
  return id === '' ? '' : ` (execution ${id})`
}

/** The door, as a variant's name. */
const byDoor = ({ door }: SentFacts): DoorName => door

const TITLE = 'ServiceNow {status}: '

export const DOOR_EXPLANATIONS: { readonly [C in DoorCode]: Explanation<DoorProblems[C]> } = {
  'door-missing': {
    title: `${TITLE}no such endpoint`,
    happened: notTaken,
    cause: 'the companion application is not installed on this instance, or it is at another path',
    fix: 'install the companion application (folder servicenow/), or correct `endpoint`',
    variants: {
      'rest-trigger': {
        cause:
          'the flow of this trigger is not active, Integration Hub is not installed, or the path is another one',
        fix: 'activate the flow, and copy its path from the trigger or the REST API Explorer into `endpoint`'
      },
      'event-management': {
        cause: 'Event Management (com.glideapp.itom.snac) is not installed on this instance',
        fix: 'have Event Management activated, or use another `door`, such as `door: companion`'
      },
      'import-set': {
        cause: 'there is no staging table of this name, or it does not extend Import Set Row',
        fix: 'correct the table at the end of `endpoint`, or have it created'
      }
    },
    variant: byDoor
  },
  'door-page': {
    title: `${TITLE}a web page instead of JSON`,
    happened: facts =>
      `${notTaken(facts)}${facts.unclear && facts.door !== 'companion' ? ' It may have been taken all the same, and was not sent again.' : ''}`,
    cause:
      'the path belongs to a page, or something in front of the instance responds: a login page, a gateway, a maintenance page',
    fix: 'check `endpoint` and `instance` (behind a gateway also `api-path`), and open both in a browser to see which page responds'
  },
  'door-signature': {
    title: `${TITLE}wrong signature`,
    happened: notTaken,
    cause:
      'the secret of this step is not the one that the instance has, the instance has none, or something on the way changed the body',
    fix: 'give `signing-secret` the value of the property x_chgact.signing_secret of the instance, and set the property where it is empty'
  },
  'door-role': {
    title: `${TITLE}account not allowed`,
    happened: notTaken,
    cause: 'the account signs in, and lacks the role of the companion application',
    fix: 'give the service account the role x_chgact.caller',
    variants: {
      'rest-trigger': {
        cause: 'the account signs in, and lacks the role that the trigger or resource asks for',
        fix: 'give the service account that role: it is set on the trigger of the flow, or on the Scripted REST resource'
      },
      'event-management': {
        cause: 'the account signs in, and lacks the role of senders of events',
        fix: 'give the service account the role evt_mgmt_integration'
      },
      'import-set': {
        cause: 'the account signs in, and may not load import sets',
        fix: 'give the service account the role import_set_loader, and the right to write to the staging table'
      }
    },
    variant: byDoor
  },
  'door-clock': {
    title: `${TITLE}too old, or from the future`,
    happened: facts => {
      const seconds = Math.round(facts.aheadMs / 1000)
      const clock =
        Math.abs(seconds) < 2
          ? ''
          : ` The clock of the instance is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of the runner.`
      return `${notTaken(facts)}${clock}`
    },
    cause: 'the clock of the runner is wrong, or the request was held up on its way',
    fix: 'set the clock of the runner (NTP), or raise the property x_chgact.max_age_seconds of the instance'
  },
  'flow-not-allowed': {
    title: `${TITLE}flow not allowed`,
    happened: notTaken,
    cause: 'the instance starts only flows on its list, and this one is not on it',
    fix: 'correct `flow`, which is written as <scope>.<name>, or have it added to the property x_chgact.flows of the instance'
  },
  'door-refused': {
    title: `${TITLE}{kind} refused`,
    happened: notTaken,
    cause: 'the message is not valid for the receiver, or the delivery id was used for something else before',
    fix: 'do what the response says: correct `data`, and leave `delivery-id` out unless each flow and event has its own',
    variants: {
      'event-management': {
        cause: 'the instance stored none of the events that were sent',
        fix: 'see the log of the instance (syslog) and the event rules; check that the account has the role evt_mgmt_integration'
      },
      'import-set': {
        cause:
          'the row was staged, and its transformation failed: a mandatory field, a business rule or a script of the transform map',
        fix: 'correct the transform map, or give what it needs: the message names it; the row is in the import set'
      }
    },
    variant: byDoor,
    values: ({ kind }) => ({ kind })
  },
  'delivery-unclear': {
    title: 'ServiceNow: the {kind} may have been taken',
    happened: facts =>
      `The response to ${what(facts)} at ${facts.endpoint} was lost. It may have been taken, and it was not sent again.\nDelivery ${facts.delivery}.`,
    cause: 'the connection ended, or the instance failed, after the request was sent',
    obvious: true,
    fix: 'look on the instance whether it arrived, by its delivery id, before you run the job again',
    variants: {
      companion: {
        fix: 'run the job again: a flow keeps its delivery id, and is not started twice; an event gets another one in each attempt, so check the deliveries on the instance first, or give `delivery-id`'
      }
    },
    variant: byDoor,
    values: ({ kind }) => ({ kind })
  },
  'flow-failed': {
    title: 'ServiceNow flow: failed',
    happened: facts => `${begin(facts)} failed${execution(facts)}.${reasonGiven(facts.message)}`,
    cause: 'a step of the flow failed; its execution on the instance shows which one',
    fix: 'open the execution in Flow Designer, mend the flow or the `data` that it was given, and run the job again: it is started again',
    variants: {
      'not-started': {
        cause: 'there is no active flow of this name, or the account may not start it',
        fix: 'correct `flow` (<scope>.<name>), publish the flow on the instance, and check its "Run as" and the roles of the account'
      }
    },
    variant: ({ notStarted }) => (notStarted ? 'not-started' : undefined)
  },
  'flow-canceled': {
    title: 'ServiceNow flow: canceled',
    happened: facts =>
      `${begin(facts)} was canceled on the instance${execution(facts)}.${reasonGiven(facts.message)}`,
    cause: 'somebody canceled the execution, or the instance ended it',
    fix: 'find out who canceled it and why; then run the job again: it is started again'
  },
  'flow-unfinished': {
    title: 'ServiceNow flow: not finished in time',
    happened: facts =>
      `${begin(facts)} was accepted, and was not over after ${formatDuration(facts.timeoutMs)}${execution(facts)}. It goes on.`,
    cause: 'the flow waits for a person or another system, or takes longer than the step waits',
    fix: 'give more time with `timeout`, or start it with `timeout: 0` and let resume-deployments go on when its change is decided; a new attempt of the job follows the same execution at the companion application'
  },
  'flow-not-followed': {
    title: 'ServiceNow flow: accepted, not followed',
    happened: facts =>
      `${begin(facts)} was accepted, and its end cannot be seen${execution(facts)}: accepted is not done.`,
    cause: 'the response names no execution, or the account may not read how it goes',
    fix: 'give the account read access to sys_flow_context; or start it with `timeout: 0` and check its result otherwise; `door: companion` shows it without that right'
  },
  'flow-change': {
    title: 'ServiceNow flow: its change is not of this deployment',
    happened: ({ change, why, ...facts }) =>
      `${begin(facts)} says that it made the change ${change.number || change.sysId}. ${changeText(why)}`,
    cause:
      'the flow does not store correlation_id and correlation_display as it was given them, or a rule of the instance changed them',
    fix: 'have the flow write its inputs correlation_id and correlation_display unchanged into the change that it makes, and return the sys_id of that change',
    variants: {
      creator: {
        cause: 'the flow runs as another user than the account that signs in',
        fix: 'name this user in `trusted-accounts`, here and in the steps that wait for the change, if it may make changes for this repository; or have the flow run as the user who starts it'
      },
      unreadable: {
        cause: 'the flow returned something that is no sys_id of a change, or the account may not read it',
        fix: 'have the flow return the sys_id of the change in its output, and give the account read access to change_request'
      }
    },
    variant: ({ why }) => (why.code === 'fields' ? undefined : why.code)
  }
}

function begin(facts: SentFacts): string {
  const text = what(facts)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

function reasonGiven(message: string | undefined): string {
  return message === undefined || message === '' ? '' : ` The reason: ${stopped(message)}`
}

function changeText(why: FlowChangeReason): string {
  switch (why.code) {
    case 'fields':
      return why.fields
        .map(({ field, sent, has }) => `Its ${field} is "${has}", and "${sent}" was sent.`)
        .join(' ')
    case 'creator':
      return why.creator === ''
        ? 'Who created it cannot be read (sys_created_by).'
        : `It was created by ${why.creator}, an account that is not trusted.`
    case 'unreadable':
      return `It cannot be read (${clientTitle(why.last)}).`
  }
}
