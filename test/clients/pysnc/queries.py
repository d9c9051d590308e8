from datetime import datetime

from pysnc.exceptions import RequestException

from records import admin, found, incidents, new_incident
from scenarios import ADMIN_ID, HTTPS, equal, refused, run, scenario


@scenario('a record by its sys_id')
def by_sys_id():
    gr = admin().GlideRecord('sys_user')
    assert gr.get(ADMIN_ID)
    equal(gr.user_name, 'admin')


@scenario('a record by a field')
def by_field():
    gr = admin().GlideRecord('sys_user')
    assert gr.get('user_name', 'fred.luddy')
    equal(gr.name, 'Fred Luddy')


@scenario('a sys_id that does not exist finds nothing')
def unknown_sys_id():
    assert not admin().GlideRecord('sys_user').get('0' * 32)


@scenario('a table that does not exist is refused')
def unknown_table():
    gr = admin().GlideRecord('no_such_table')
    assert 'Invalid table' in str(refused(RequestException, gr.query))


@scenario('pages of three records hold each record once')
def pages():
    gr = admin().GlideRecord('incident', batch_size=3)
    numbers = found(gr)
    equal(len(numbers), gr.get_row_count())
    equal(len(set(numbers)), len(numbers))


@scenario('a limit over several pages')
def limit():
    gr = admin().GlideRecord('incident', batch_size=4)
    gr.limit = 6
    equal(len(found(gr)), 6)


@scenario('ascending and descending order')
def order():
    up = admin().GlideRecord('incident')
    up.order_by('number')
    down = admin().GlideRecord('incident')
    down.order_by_desc('number')
    numbers = found(up)
    equal(numbers, sorted(numbers))
    equal(found(down), numbers[::-1])


@scenario('only the fields that were asked for')
def fields():
    gr = admin().GlideRecord('incident')
    gr.fields = ['number', 'state']
    gr.limit = 1
    gr.query()
    assert gr.next()
    equal(sorted(gr.serialize()), ['number', 'state', 'sys_id'])


@scenario('value and display value of a choice')
def choice():
    gr = admin().GlideRecord('incident')
    assert gr.get('number', 'INC0000003')
    equal((gr.get_value('state'), gr.get_display_value('state')), ('2', 'In Progress'))


@scenario('value and display value of a reference')
def reference():
    gr = admin().GlideRecord('incident')
    assert gr.get('number', 'INC0000001')
    equal(gr.get_display_value('caller_id'), 'Fred Luddy')
    user = admin().GlideRecord('sys_user')
    assert user.get(gr.get_value('caller_id'))
    equal(user.user_name, 'fred.luddy')


@scenario('a link to the referenced record')
def link():
    gr = admin().GlideRecord('incident')
    gr.exclude_reference_link = False
    assert gr.get('number', 'INC0000001')
    assert gr.caller_id.get_link().endswith(f'/api/now/table/sys_user/{gr.caller_id}')


@scenario('fields of a referenced record, by dots')
def dots():
    gr = admin().GlideRecord('incident')
    gr.fields = ['number', 'caller_id', 'caller_id.user_name', 'caller_id.department.name']
    assert gr.get('number', 'INC0000001')
    equal(gr.caller_id.user_name, 'fred.luddy')
    equal(gr.get_value('caller_id.department.name'), 'Development')


@scenario('a query by dots, over two references')
def dotted_query():
    gr = admin().GlideRecord('incident')
    gr.add_query('caller_id.department.dept_head.user_name', 'fred.luddy')
    assert 'INC0000001' in found(gr)
    gr = admin().GlideRecord('incident')
    gr.add_query('caller_id.department.name', 'No such department')
    equal(found(gr), [])


@scenario('an encoded query beside conditions')
def encoded():
    gr = admin().GlideRecord('incident')
    gr.add_query('category', 'network')
    gr.add_encoded_query('state=2^ORstate=3')
    equal(sorted(found(gr)), sorted(
        one['number'] for one in incidents() if one['category'] == 'network' and one['state'] in ('2', '3')
    ))


@scenario('records as dictionaries of values, of display values and of both')
def serialized():
    gr = admin().GlideRecord('incident')
    gr.add_query('number', 'INC0000003')
    gr.fields = ['state']
    gr.query()
    equal([one['state'] for one in gr.serialize_all()], ['2'])
    equal([one['state'] for one in gr.serialize_all(display_value=True)], ['In Progress'])
    both = gr.serialize_all(display_value='both')[0]['state']
    equal(both, {'value': '2', 'display_value': 'In Progress'})


@scenario('columns of values and display values for a data frame')
def data_frame():
    gr = admin().GlideRecord('incident')
    gr.fields = ['number', 'state']
    gr.limit = 2
    gr.query()
    equal(sorted(gr.to_pandas()), ['number', 'state__display', 'state__value', 'sys_id'])


@scenario('a page beyond the last record is empty')
def beyond():
    gr = admin().GlideRecord('incident')
    gr.query()
    gr.location = gr.get_row_count() - 1
    assert not gr.next()


@scenario('times are stored in UTC and displayed in the zone of the user')
def times():
    client = admin()
    gr = new_incident(client, short_description='Time')
    stored = gr.sys_created_on.date_value()
    assert abs((datetime.now(stored.tzinfo) - stored).total_seconds()) < 60, stored
    assert gr.get_display_value('sys_created_on') != gr.get_value('sys_created_on')


@scenario('passwords are hidden')
def password():
    gr = admin().GlideRecord('sys_user')
    assert gr.get(ADMIN_ID)
    assert set(gr.get_value('user_password') or '') <= {'*'}, gr.get_value('user_password')


@scenario('a query that makes the address too long is sent as a batch')
def long_query():
    ids = [one['sys_id'] for one in incidents()]
    gr = admin().GlideRecord('incident')
    gr.add_query('sys_id', 'IN', ','.join(ids + ['f' * 32] * 400))
    equal(len(found(gr)), len(ids))


@scenario('an address of 24 kB is refused with a page')
def long_address():
    answer = admin().session.get(f'{HTTPS}/api/now/table/incident', params={'sysparm_query': 'number=' + 'x' * 24000})
    equal(answer.status_code, 414)


@scenario('counts of the Aggregate API')
def counts():
    params = {'sysparm_count': 'true', 'sysparm_group_by': 'state'}
    groups = admin().session.get(f'{HTTPS}/api/now/stats/incident', params=params).json()['result']
    counted = {one['groupby_fields'][0]['value']: int(one['stats']['count']) for one in groups}
    states = [one['state'] for one in incidents()]
    equal(counted, {state: states.count(state) for state in states})


run()
