import base64
import json
import tempfile
from pathlib import Path

import requests
from agent_utilities.core.exceptions import AuthError
from servicenow_api import Api

from scenarios import ADMIN, ADMIN_ID, HTTPS, OAUTH_CLIENT, equal, refused, run, scenario


def admin():
    return Api(url=HTTPS, username=ADMIN[0], password=ADMIN[1])


def result(answer):
    """The `result` that the instance sent, before the client made a model of it; the last of a list may be `__meta`."""
    sent = answer.response.json()['result']
    return [one for one in sent if '__meta' not in one] if isinstance(sent, list) else sent


def incidents(**options):
    return result(admin().get_table(table='incident', **options))


def new_change(api, **values):
    return result(api.create_change_request(change_type='normal', data={'short_description': 'New', **values}))


@scenario('user name and password; an API that the instance does not have')
def sign_in():
    admin()


@scenario('a wrong password is refused')
def wrong_password():
    refused(AuthError, lambda: Api(url=HTTPS, username='admin', password='wrong'))


@scenario('OAuth with the password of a user')
def oauth():
    api = Api(url=HTTPS, username=ADMIN[0], password=ADMIN[1], client_id=OAUTH_CLIENT[0], client_secret=OAUTH_CLIENT[1])
    equal(result(api.get_table_record(table='sys_user', table_record_sys_id=ADMIN_ID))['user_name'], 'admin')


@scenario('incidents by query, with some fields and a limit')
def query():
    rows = incidents(sysparm_query='category=network^ORDERBYnumber', sysparm_fields='number,category', sysparm_limit=2)
    equal([one['category'] for one in rows], ['network', 'network'])
    equal(sorted(rows[0]), ['category', 'number'])


@scenario('display values and both')
def display_values():
    query = 'number=INC0000003'
    equal(incidents(sysparm_query=query, sysparm_display_value=True)[0]['state'], 'In Progress')
    both = incidents(sysparm_query=query, sysparm_display_value='all')[0]['state']
    equal(both, {'value': '2', 'display_value': 'In Progress'})


@scenario('a record is added, updated by PATCH and PUT, and deleted')
def life():
    api = admin()
    new = result(api.add_table_record(table='incident', data={'short_description': 'Added'}))
    of = {'table': 'incident', 'table_record_sys_id': new['sys_id']}
    equal(result(api.patch_table_record(**of, data={'description': 'patched'}))['description'], 'patched')
    changed = result(api.update_table_record(**of, data={'description': 'put'}))
    equal((changed['description'], changed['short_description']), ('put', 'Added'))
    equal(api._session.delete(f'{HTTPS}/api/now/table/incident/{new["sys_id"]}', headers=api.headers).status_code, 204)
    error = refused(requests.HTTPError, lambda: api.get_table_record(**of))
    equal(error.response.status_code, 404)


@scenario('an incident is created and read')
def incident():
    api = admin()
    new = result(api.create_incident(data={'short_description': 'New', 'impact': '1', 'urgency': '1'}))
    read = result(api.get_incident(incident_id=new['sys_id']))
    equal((read['number'], read['priority']), (new['number'], '1'))


@scenario('counts of the Aggregate API, by group')
def stats():
    groups = admin().get_stats(table_name='incident', groupby='category', stats='count').result
    counted = {one['groupby_fields'][0]['value']: int(one['stats']['count']) for one in groups}
    categories = [one['category'] for one in incidents()]
    equal(counted, {category: categories.count(category) for category in categories})


@scenario('two requests in a batch')
def batch():
    asked = [
        {'id': name, 'method': 'GET', 'url': f'/api/now/table/sys_user/{sys_id}', 'headers': []}
        for name, sys_id in (('found', ADMIN_ID), ('gone', '0' * 32))
    ]
    body = {'batch_request_id': '1', 'rest_requests': asked}
    answer = admin().api_request('POST', 'now/v1/batch', json=body).response.json()
    served = {one['id']: one for one in answer['serviced_requests']}
    equal({name: one['status_code'] for name, one in served.items()}, {'found': 200, 'gone': 404})
    equal(json.loads(base64.b64decode(served['found']['body']))['result']['user_name'], 'admin')


@scenario('a change is created and read by its type')
def change():
    api = admin()
    new = new_change(api)
    assert new['number']['value'].startswith('CHG')
    read = result(api.get_change_request(change_request_sys_id=new['sys_id']['value'], change_type='normal'))
    equal(read['short_description']['value'], 'New')


@scenario('changes by query')
def changes():
    api = admin()
    new_change(api, short_description='Only this one')
    found = result(api.get_change_requests(sysparm_query='short_description=Only this one'))
    equal([one['short_description']['value'] for one in found], ['Only this one'])


@scenario('a change is updated; a change without a group is not moved')
def update():
    api = admin()
    sys_id = new_change(api)['sys_id']['value']
    changed = result(api.update_change_request(change_request_sys_id=sys_id, data={'description': 'changed'}))
    equal(changed['description']['value'], 'changed')
    error = refused(
        requests.HTTPError,
        lambda: api.update_change_request(change_request_sys_id=sys_id, data={'state': 'assess'}),
    )
    equal(error.response.status_code, 400)
    assert 'cannot move to state' in error.response.text, error.response.text


@scenario('a standard change is created from a template')
def standard():
    api = admin()
    templates = result(api.get_standard_change_request_templates())
    equal(len(templates) > 0, True)
    new = result(api.create_change_request(
        change_type='standard', standard_change_template_id=templates[0]['sys_id']['value'], data={'description': ''}
    ))
    equal(new['type']['value'], 'standard')


@scenario('the models of changes')
def models():
    names = [one['name']['value'] for one in result(admin().get_change_request_models())]
    assert {'Normal', 'Emergency', 'Standard'} <= set(names), names


@scenario('a file is attached, described and deleted')
def attachment():
    api = admin()
    sys_id = new_change(api)['sys_id']['value']
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'note.txt'
        path.write_bytes(b'first')
        api._session.headers['Content-Type'] = 'text/plain'  # the client sends none, and an upload needs one
        uploaded = api.upload_attachment(
            str(path), table_name='change_request', table_sys_id=sys_id, file_name='note.txt'
        ).result
    described = api.get_attachment(sys_id=uploaded.sys_id).result
    equal((described.file_name, described.size_bytes), ('note.txt', 5))
    api.delete_attachment(sys_id=uploaded.sys_id)
    refused(requests.HTTPError, lambda: api.get_attachment(sys_id=uploaded.sys_id))


run()
