"""What the scenarios of PySNC share."""

from pysnc import ServiceNowClient

from scenarios import ADMIN, HTTPS


def admin():
    return ServiceNowClient(HTTPS, ADMIN)


def found(gr, field='number'):
    """Runs the query and returns a field of each record."""
    gr.query()
    return [record.get_value(field) for record in gr]


def incidents():
    """Every incident as a dictionary of values, read without a query."""
    gr = admin().GlideRecord('incident')
    gr.query()
    return gr.serialize_all()


def numbers_where(matches):
    """The numbers of the incidents that a function accepts: what a query has to return."""
    return sorted(one['number'] for one in incidents() if matches(one))


def new_incident(client, **values):
    gr = client.GlideRecord('incident')
    gr.initialize()
    for field, value in values.items():
        gr.set_value(field, value)
    assert gr.insert(), 'no sys_id'
    return gr
