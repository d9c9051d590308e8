import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pysnow
import requests
from pysnow.exceptions import MultipleResults, NoResults, TokenCreateError

from scenarios import ADMIN, ADMIN_ID, HTTP, HTTPS, OAUTH_CLIENT, equal, refused, run, scenario

HOST = urlsplit(HTTPS).netloc


def incidents(**options):
    client = pysnow.Client(host=HOST, user=ADMIN[0], password=ADMIN[1])
    for name, value in options.items():
        setattr(client.parameters, name, value)
    return client.resource(api_path='/table/incident')


def every():
    return incidents().get().all()


def where(matches):
    return sorted(one['number'] for one in every() if matches(one))


def numbers(query):
    return sorted(one['number'] for one in incidents().get(query=query).all())


@scenario('one record by a dictionary of values')
def one():
    record = incidents().get(query={'number': 'INC0000001'}).one()
    equal(record['short_description'], 'Can not read e-mail')
    assert record['caller_id']['link'].endswith(f"/sys_user/{record['caller_id']['value']}")


@scenario('no record, and more than one')
def not_one():
    refused(NoResults, incidents().get(query={'number': 'none'}).one)
    refused(MultipleResults, incidents().get(query={'category': 'network'}).one)
    equal(incidents().get(query={'number': 'none'}).one_or_none(), None)


@scenario('display values: the client writes True with a capital letter')
def display_values():
    record = incidents(display_value=True).get(query={'number': 'INC0000003'}).one()
    equal((record['state'], record['caller_id']['display_value']), ('In Progress', 'Bertie Luby'))
    record = incidents(display_value=True, exclude_reference_link=True).get(query={'number': 'INC0000003'}).one()
    equal(record['caller_id'], 'Bertie Luby')


@scenario('values and display values')
def both():
    record = incidents(display_value='all').get(query={'number': 'INC0000003'}).one()
    equal(record['state'], {'value': '2', 'display_value': 'In Progress'})


@scenario('only some fields, also of a referenced record')
def fields():
    record = incidents().get(query={'number': 'INC0000001'}, fields=['number', 'caller_id.user_name']).one()
    equal(record, {'number': 'INC0000001', 'caller_id.user_name': 'fred.luddy'})


@scenario('limit and offset')
def page():
    query = pysnow.QueryBuilder().field('number').order_ascending()
    ordered = [one['number'] for one in incidents().get(query=query).all()]
    equal(ordered, sorted(ordered))
    equal([one['number'] for one in incidents().get(query=query, limit=2, offset=3).all()], ordered[3:5])


@scenario('a stream of records')
def stream():
    equal(len(list(incidents().get(stream=True).all())), len(every()))
    equal(incidents().get(query={'number': 'INC0000001'}, stream=True).first()['number'], 'INC0000001')


@scenario('the headers of a list: total and links')
def headers():
    answer = incidents().get(limit=2)
    assert int(answer.headers['X-Total-Count']) > 2
    assert 'rel="next"' in answer.headers['Link']


@scenario('built queries: lists, texts, empty fields, alternatives')
def built():
    build = pysnow.QueryBuilder
    equal(numbers(build().field('state').equals(['2', '3'])), where(lambda one: one['state'] in ('2', '3')))
    equal(
        numbers(build().field('short_description').contains('access')),
        where(lambda one: 'access' in one['short_description'].lower()),
    )
    equal(
        numbers(build().field('short_description').not_contains('access')),
        where(lambda one: 'access' not in one['short_description'].lower()),
    )
    equal(numbers(build().field('assigned_to').is_empty()), where(lambda one: not one['assigned_to']))
    equal(
        numbers(build().field('category').equals('hardware').OR().field('state').equals('7')),
        where(lambda one: one['category'] == 'hardware' or one['state'] == '7'),
    )


@scenario('built queries: BETWEEN and another query')
def between():
    build = pysnow.QueryBuilder
    equal(numbers(build().field('state').between(2, 6)), where(lambda one: 2 <= int(one['state']) <= 6))
    equal(
        numbers(build().field('category').equals('hardware').NQ().field('state').equals('7')),
        where(lambda one: one['category'] == 'hardware' or one['state'] == '7'),
    )


@scenario('a record is created, updated and deleted')
def life():
    resource = incidents()
    new = resource.create({'short_description': 'Created by pysnow'}).one()
    assert new['number'].startswith('INC')
    changed = resource.update({'number': new['number']}, {'description': 'changed'}).one()
    equal((changed['description'], changed['short_description']), ('changed', 'Created by pysnow'))
    equal(resource.delete({'number': new['number']}), {'status': 'record deleted'})
    equal(incidents().get(query={'number': new['number']}).one_or_none(), None)


@scenario('a file is attached, listed and deleted')
def attachments():
    resource = incidents()
    new = resource.create({'short_description': 'With a file'}).one()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'note.txt'
        path.write_bytes(b'first')
        uploaded = resource.attachments.upload(new['sys_id'], str(path)).one()
    equal((uploaded['file_name'], uploaded['size_bytes']), ('note.txt', '5'))
    equal([one['sys_id'] for one in incidents().attachments.get(new['sys_id'])], [uploaded['sys_id']])
    incidents().attachments.delete(uploaded['sys_id'])
    equal(list(incidents().attachments.get(new['sys_id'])), [])


@scenario('another API of the instance: a change is created and read')
def change():
    client = pysnow.Client(host=HOST, user=ADMIN[0], password=ADMIN[1])
    changes = client.resource(base_path='/api/sn_chg_rest', api_path='/change')
    new = changes.request('POST', path_append='/normal', data='{"short_description": "By pysnow"}').one()
    read = changes.request('GET', path_append='/' + new['sys_id']['value']).one()
    equal(read['short_description']['value'], 'By pysnow')


@scenario('OAuth: a token for a user, which signs in the client by its header')
def oauth():
    client = pysnow.OAuthClient(client_id=OAUTH_CLIENT[0], client_secret=OAUTH_CLIENT[1], host=HOST)
    client.set_token(client.generate_token(*ADMIN))
    record = client.resource(api_path='/table/sys_user').get(query={'user_name': 'admin'}).one()
    equal(record['sys_id'], ADMIN_ID)


@scenario('OAuth: a wrong password is refused')
def oauth_refused():
    client = pysnow.OAuthClient(client_id=OAUTH_CLIENT[0], client_secret=OAUTH_CLIENT[1], host=HOST)
    refused(TokenCreateError, lambda: client.generate_token('admin', 'wrong'))


@scenario('a wrong password is refused; without TLS too')
def wrong_password():
    for host, use_ssl in ((HOST, True), (urlsplit(HTTP).netloc, False)):
        client = pysnow.Client(host=host, use_ssl=use_ssl, user='admin', password='wrong')
        error = refused(requests.HTTPError, client.resource(api_path='/table/incident').get().all)
        equal(error.response.status_code, 401)


run()
