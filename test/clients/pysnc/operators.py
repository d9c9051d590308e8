"""Each operator has to return what Python selects from all incidents."""

from pysnc.exceptions import RequestException

from records import admin, found, incidents, new_incident, numbers_where
from scenarios import equal, refused, run, scenario


def query(*conditions):
    gr = admin().GlideRecord('incident')
    for condition in conditions:
        gr.add_query(*condition)
    return sorted(found(gr))


def encoded(text):
    gr = admin().GlideRecord('incident')
    gr.add_encoded_query(text)
    return sorted(found(gr))


@scenario('= and !=')
def equality():
    equal(query(('state', '2')), numbers_where(lambda one: one['state'] == '2'))
    equal(query(('state', '!=', '2')), numbers_where(lambda one: one['state'] != '2'))


@scenario('<, <=, > and >=')
def comparison():
    equal(query(('state', '<', '3')), numbers_where(lambda one: int(one['state']) < 3))
    equal(query(('state', '<=', '3')), numbers_where(lambda one: int(one['state']) <= 3))
    equal(query(('state', '>', '3')), numbers_where(lambda one: int(one['state']) > 3))
    equal(query(('state', '>=', '3')), numbers_where(lambda one: int(one['state']) >= 3))


@scenario('IN and NOT IN')
def lists():
    equal(query(('state', 'IN', '1,2')), numbers_where(lambda one: one['state'] in ('1', '2')))
    equal(query(('state', 'NOT IN', '1,2')), numbers_where(lambda one: one['state'] not in ('1', '2')))


@scenario('STARTSWITH and ENDSWITH')
def ends():
    text = 'short_description'
    equal(query((text, 'STARTSWITH', 'Can not')), numbers_where(lambda one: one[text].startswith('Can not')))
    equal(query((text, 'ENDSWITH', 'server')), numbers_where(lambda one: one[text].endswith('server')))


@scenario('CONTAINS and LIKE')
def contains():
    expected = numbers_where(lambda one: 'access' in one['short_description'].lower())
    assert expected
    equal(query(('short_description', 'CONTAINS', 'access')), expected)
    equal(query(('short_description', 'LIKE', 'access')), expected)


@scenario('DOES NOT CONTAIN and NOT LIKE')
def contains_not():
    expected = numbers_where(lambda one: 'access' not in one['short_description'].lower())
    equal(query(('short_description', 'DOES NOT CONTAIN', 'access')), expected)
    equal(query(('short_description', 'NOT LIKE', 'access')), expected)


@scenario('BETWEEN')
def between():
    expected = numbers_where(lambda one: 2 <= int(one['state']) <= 6)
    equal(query(('state', 'BETWEEN', '2@6')), expected)


@scenario('ISEMPTY and ISNOTEMPTY')
def empty():
    gr = admin().GlideRecord('incident')
    gr.add_null_query('assigned_to')
    unassigned = numbers_where(lambda one: not one['assigned_to'])
    assert unassigned
    equal(sorted(found(gr)), unassigned)
    gr = admin().GlideRecord('incident')
    gr.add_not_null_query('assigned_to')
    equal(sorted(found(gr)), numbers_where(lambda one: one['assigned_to']))


@scenario('an alternative condition')
def alternatives():
    gr = admin().GlideRecord('incident')
    gr.add_query('category', 'network')
    gr.add_query('state', '2').add_or_condition('state', '3')
    equal(sorted(found(gr)), numbers_where(lambda one: one['category'] == 'network' and one['state'] in ('2', '3')))


@scenario('^NQ starts another query')
def new_query():
    expected = numbers_where(lambda one: one['category'] == 'hardware' or one['state'] == '7')
    equal(encoded('category=hardware^NQstate=7'), expected)


@scenario('SAMEAS and NSAMEAS compare two fields')
def two_fields():
    equal(encoded('impactSAMEASurgency'), numbers_where(lambda one: one['impact'] == one['urgency']))
    equal(encoded('impactNSAMEASurgency'), numbers_where(lambda one: one['impact'] != one['urgency']))


@scenario('ANYTHING and EMPTYSTRING')
def anything():
    equal(encoded('categoryANYTHING'), numbers_where(lambda one: True))
    equal(encoded('close_notesEMPTYSTRING'), numbers_where(lambda one: one['close_notes'] == ''))


@scenario('the active records')
def active():
    gr = admin().GlideRecord('incident')
    gr.add_active_query()
    numbers = sorted(found(gr))
    equal(numbers, numbers_where(lambda one: one['active'] == 'true'))
    assert len(numbers) < len(incidents())


@scenario('users that are the manager of a group: a join')
def join():
    gr = admin().GlideRecord('sys_user')
    gr.add_join_query('sys_user_group', join_table_field='manager')
    names = found(gr, 'user_name')
    assert 'bow.ruggeri' in names and 'employee' not in names, names


@scenario('users with at least one group: a related list')
def related_list():
    gr = admin().GlideRecord('sys_user')
    gr.add_rl_query('sys_user_grmember', 'user', '>0', True)
    names = found(gr, 'user_name')
    assert 'beth.anglin' in names and 'employee' not in names, names


@scenario('users without a group: a related list')
def no_related_list():
    gr = admin().GlideRecord('sys_user')
    gr.add_rl_query('sys_user_grmember', 'user', '=0', True)
    names = found(gr, 'user_name')
    assert 'employee' in names and 'beth.anglin' not in names, names


@scenario('a search in the text of records')
def text():
    numbers = encoded('123TEXTQUERY321=Exchange')
    assert 'INC0000050' in numbers and 'INC0000001' not in numbers, numbers


@scenario('records of the last hour: RELATIVEGT')
def relative():
    new = new_incident(admin(), short_description='Just now').get_value('number')
    numbers = encoded('opened_atRELATIVEGT@hour@ago@1')
    assert new in numbers and 'INC0000001' not in numbers, numbers


@scenario('records of today: ON and a script')
def today():
    new = new_incident(admin(), short_description='Today').get_value('number')
    numbers = encoded('opened_atONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()')
    assert new in numbers and 'INC0000001' not in numbers, numbers


@scenario('the caller is the user who asks: a script')
def me():
    new = new_incident(admin(), caller_id='6816f79cc0a8016401c5a33be04be441').get_value('number')
    numbers = encoded('caller_id=javascript:gs.getUserID()')
    assert new in numbers and 'INC0000001' not in numbers, numbers


@scenario('INSTANCEOF finds records of a table that extends another')
def instance_of():
    gr = admin().GlideRecord('task')
    gr.add_query('sys_class_name', 'INSTANCEOF', 'incident')
    gr.add_query('number', 'STARTSWITH', 'INC')
    equal(len(found(gr)), len(incidents()))
    gr = admin().GlideRecord('task')
    gr.add_query('sys_class_name', 'INSTANCEOF', 'problem')
    assert all(number.startswith('PRB') for number in found(gr))


@scenario('an unknown operator does not return every record')
def unknown_operator():
    gr = admin().GlideRecord('incident')
    gr.add_encoded_query('stateNOSUCHOPERATOR2')
    try:
        numbers = found(gr)
    except RequestException:
        return
    equal(numbers, [])


run()
