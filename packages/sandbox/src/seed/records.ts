/** The groups, configuration items, templates and models of a new instance. */

export interface GroupSeed {
  readonly key: string
  readonly name: string
  readonly active?: boolean
}

/** Two groups are named "Operations": an ambiguous name. */
export const GROUPS: readonly GroupSeed[] = [
  { key: 'devops-team', name: 'DevOps Team' },
  { key: 'platform-team', name: 'Platform Team' },
  { key: 'database-team', name: 'Database Team' },
  { key: 'cab-approval', name: 'CAB Approval' },
  { key: 'operations-emea', name: 'Operations' },
  { key: 'operations-amer', name: 'Operations' },
  { key: 'mainframe-team', name: 'Mainframe Team', active: false }
]

export interface CiSeed {
  readonly key: string
  readonly name: string
  readonly className: string
  /** `install_status`: 1 installed (default), 7 retired. */
  readonly status?: string
  /** Key of a seeded schedule. */
  readonly maintenance?: string
}

export const CIS: readonly CiSeed[] = [
  { key: 'prod-k8s-cluster', name: 'prod-k8s-cluster', className: 'cmdb_ci_kubernetes_cluster' },
  { key: 'production-k8s-cluster', name: 'production-k8s-cluster', className: 'cmdb_ci_kubernetes_cluster' },
  {
    key: 'payments-db-server',
    name: 'payments-db',
    className: 'cmdb_ci_server',
    maintenance: 'weekend-maintenance'
  },
  { key: 'payments-db-instance', name: 'payments-db', className: 'cmdb_ci_db_instance' },
  { key: 'legacy-web', name: 'legacy-web', className: 'cmdb_ci_server', status: '7' },
  { key: 'payments', name: 'Payments', className: 'cmdb_ci_service' }
]

export interface TemplateSeed {
  readonly key: string
  readonly name: string
  readonly shortDescription: string
  readonly active?: boolean
  /** Initial values of the created change. A caller may set only the fields named here. */
  readonly values: Readonly<Record<string, string>>
}

/** Plans that a caller cannot change. */
const PLANS = {
  implementation_plan: 'Roll out with the deployment pipeline.',
  backout_plan: 'Redeploy the previous release.',
  test_plan: 'Smoke tests after the roll-out.'
}

export const TEMPLATES: readonly TemplateSeed[] = [
  {
    key: 'app-deployment-template',
    name: 'app-deployment-template',
    shortDescription: 'Deploy an application release',
    values: {
      short_description: 'Deploy an application release',
      description: 'Preapproved deployment of an application by its pipeline.',
      category: 'Software',
      risk: '4',
      impact: '3',
      assignment_group: 'DevOps Team',
      assigned_to: '',
      cmdb_ci: '',
      start_date: '',
      end_date: '',
      justification: '',
      ...PLANS
    }
  },
  {
    key: 'rollback-template',
    name: 'rollback-template',
    shortDescription: 'Roll an application back',
    values: {
      short_description: 'Roll an application back',
      description: 'Preapproved return to the previous release.',
      category: 'Software',
      risk: '4',
      impact: '3',
      assignment_group: 'Platform Team',
      cmdb_ci: '',
      start_date: '',
      end_date: '',
      ...PLANS
    }
  },
  {
    key: 'retired-template',
    name: 'retired-template',
    shortDescription: 'Deploy by hand',
    active: false,
    values: { short_description: 'Deploy by hand', description: '', category: 'Other', ...PLANS }
  }
]

export interface ModelSeed {
  readonly sysId: string
  readonly name: string
  readonly description: string
  readonly type: string
}

/** With the sys_ids of a stock instance. */
export const MODELS: readonly ModelSeed[] = [
  {
    sysId: '007c4001c343101035ae3f52c1d3aeb2',
    name: 'Normal',
    description: 'Assessed and authorized before it is scheduled',
    type: 'normal'
  },
  {
    sysId: '62d10fa1c303101035ae3f52c1d3aec1',
    name: 'Emergency',
    description: 'Authorized without assessment',
    type: 'emergency'
  },
  {
    sysId: 'e55d0bfec343101035ae3f52c1d3ae49',
    name: 'Standard',
    description: 'Preapproved by its template',
    type: 'standard'
  }
]
