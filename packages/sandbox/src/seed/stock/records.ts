import type { CiSeed, TemplateSeed } from '../records.ts'

/** Configuration items of the demo data of a new instance. */
export const STOCK_CIS: readonly CiSeed[] = [
  { key: 'bond-trading', name: 'Bond Trading', className: 'cmdb_ci_service' },
  { key: 'email', name: 'Email', className: 'cmdb_ci_service' },
  { key: 'sap-enterprise-services', name: 'SAP Enterprise Services', className: 'cmdb_ci_service' },
  { key: 'lnux100', name: 'lnux100', className: 'cmdb_ci_linux_server' },
  { key: 'lnux101', name: 'lnux101', className: 'cmdb_ci_linux_server' },
  { key: 'dbaix900nyc', name: 'dbaix900nyc', className: 'cmdb_ci_aix_server' },
  { key: 'nyc-rac-nas250', name: 'NYC RAC nas250', className: 'cmdb_ci_msd' },
  { key: 'hp-officejet', name: 'HP OfficeJet 5610', className: 'cmdb_ci_printer', status: '7' }
]

/** The published standard change template that tests of clients of ServiceNow use. */
export const STOCK_TEMPLATES: readonly TemplateSeed[] = [
  {
    key: 'clear-bgp-sessions',
    name: 'Clear BGP sessions on a Cisco router',
    shortDescription: 'Clear BGP sessions on a Cisco router',
    values: {
      short_description: 'Clear BGP sessions on a Cisco router',
      description:
        'Resend the complete BGP table to neighboring routers. Sessions are interrupted for a short time.',
      category: 'Network',
      risk: '4',
      impact: '3',
      priority: '4',
      assignment_group: '',
      assigned_to: '',
      cmdb_ci: '',
      start_date: '',
      end_date: '',
      justification: '',
      implementation_plan: 'Clear the sessions of the router, one neighbor after the other.',
      backout_plan: 'Restart the router.',
      test_plan: 'Check that every neighbor has the complete table.'
    }
  }
]
