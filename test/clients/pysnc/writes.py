from datetime import datetime, timezone

from pysnc.exceptions import NotFoundException, RequestException, RoleException

from records import admin, found, new_incident
from scenarios import ADMIN_ID, equal, refused, run, scenario


def named(client, text):
    gr = client.GlideRecord('incident')
    gr.add_query('short_description', text)
    return gr


def three(client, text):
    for _ in range(3):
        new_incident(client, short_description=text)


@scenario('a new incident has a number and the defaults of its table')
def insert():
    gr = new_incident(admin(), short_description='New')
    assert gr.get_value('number').startswith('INC')
    equal((gr.get_value('state'), gr.get_value('opened_by')), ('1', ADMIN_ID))


@scenario('a new record without any value')
def insert_empty():
    gr = new_incident(admin())
    assert admin().GlideRecord('incident').get(gr.sys_id)


@scenario('a new record with a sys_id of the caller')
def own_sys_id():
    gr = admin().GlideRecord('incident')
    gr.initialize()
    gr.set_new_guid_value('a' * 32)
    equal(gr.insert(), 'a' * 32)


@scenario('a new problem and a new change request')
def other_tables():
    for table, prefix in (('problem', 'PRB'), ('change_request', 'CHG')):
        gr = admin().GlideRecord(table)
        gr.initialize()
        gr.short_description = 'New'
        assert gr.insert()
        assert gr.get_value('number').startswith(prefix)


@scenario('an update changes what was set and nothing else')
def update():
    gr = new_incident(admin(), short_description='Before', description='Kept')
    gr.short_description = 'After'
    assert gr.changes()
    assert gr.update()
    stored = admin().GlideRecord('incident')
    assert stored.get(gr.sys_id)
    equal((stored.short_description, stored.description), ('After', 'Kept'))


@scenario('the priority follows from impact and urgency')
def priority():
    gr = new_incident(admin(), impact='1', urgency='1')
    equal(gr.get_value('priority'), '1')
    gr.urgency = '3'
    gr.update()
    equal(gr.get_value('priority'), '3')


@scenario('a reference is displayed after its update')
def update_reference():
    gr = new_incident(admin())
    gr.assigned_to = ADMIN_ID
    gr.update()
    equal(gr.get_display_value('assigned_to'), 'System Administrator')


@scenario('a time that is written as milliseconds')
def time():
    moment = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    client = admin()
    gr = client.GlideRecord('change_request')
    gr.initialize()
    gr.set_value('start_date', '2030-01-01 00:00:00')
    assert gr.insert()
    gr.start_date.set_date_numeric_value(int(moment.timestamp() * 1000))
    gr.update()
    equal(gr.start_date.date_value(), moment)


@scenario('a field can be emptied')
def clear():
    gr = new_incident(admin(), short_description='Text', assigned_to=ADMIN_ID)
    gr.assigned_to = ''
    gr.update()
    assert gr.assigned_to.nil()


@scenario('an incident is resolved with a code and notes only')
def resolve():
    gr = new_incident(admin(), short_description='Resolve', caller_id=ADMIN_ID)
    gr.state = '6'
    refused(RoleException, gr.update)
    gr.close_code = 'Solution provided'
    gr.close_notes = 'Done'
    assert gr.update()
    equal(gr.get_display_value('state'), 'Resolved')


@scenario('comments are kept in the journal')
def journal():
    gr = new_incident(admin(), short_description='Journal')
    gr.comments = 'A first comment'
    gr.update()
    notes = admin().GlideRecord('sys_journal_field')
    notes.add_query('element_id', gr.sys_id)
    notes.add_query('element', 'comments')
    equal(found(notes, 'value'), ['A first comment'])


@scenario('a deleted record is gone')
def delete():
    gr = new_incident(admin())
    sys_id = gr.get_value('sys_id')
    assert gr.delete()
    assert not admin().GlideRecord('incident').get(sys_id)
    refused(NotFoundException, gr.delete)


@scenario('several records are updated in one batch')
def update_multiple():
    client = admin()
    three(client, 'Many updates')
    gr = named(client, 'Many updates')
    gr.query()
    for one in gr:
        one.description = 'changed'
    assert gr.update_multiple()
    equal(found(named(client, 'Many updates'), 'description'), ['changed'] * 3)


@scenario('a batch tells which of its updates was refused')
def update_multiple_refused():
    client = admin()
    three(client, 'Some updates')
    gr = named(client, 'Some updates')
    gr.query()
    for index, one in enumerate(gr):
        if index == 1:
            one.state = '7'
        else:
            one.description = 'changed'
    statuses = []
    assert gr.update_multiple(lambda response: statuses.append(response.status_code))
    equal(sorted(statuses), [200, 200, 403])


@scenario('several records are deleted in one batch')
def delete_multiple():
    client = admin()
    three(client, 'Many deletes')
    assert named(client, 'Many deletes').delete_multiple()
    equal(found(named(client, 'Many deletes')), [])


@scenario('a batch with a read, an insert and a record that does not exist')
def batch():
    client = admin()
    answers = {}
    new = client.GlideRecord('incident')
    new.initialize()
    new.short_description = 'By batch'
    client.batch_api.post(new, lambda response: answers.update(post=response))
    client.batch_api.get(client.GlideRecord('sys_user'), ADMIN_ID, lambda response: answers.update(get=response))
    client.batch_api.get(client.GlideRecord('incident'), '0' * 32, lambda response: answers.update(gone=response))
    client.batch_api.execute()
    equal({name: one.status_code for name, one in answers.items()}, {'post': 201, 'get': 200, 'gone': 404})
    equal(answers['get'].json()['result']['user_name']['value'], 'admin')
    equal(len(found(named(client, 'By batch'))), 1)


@scenario('a list in a batch has its total in a header')
def batch_list():
    client = admin()
    answers = []
    gr = client.GlideRecord('incident', batch_size=2)
    client.batch_api.list(gr, answers.append)
    client.batch_api.execute()
    equal(len(answers[0].json()['result']), 2)
    assert int(answers[0].headers['X-Total-Count']) > 2


@scenario('a field that does not exist is ignored')
def unknown_field():
    gr = new_incident(admin(), no_such_field='x', short_description='Ignored')
    equal(gr.short_description, 'Ignored')
    assert gr.get_value('no_such_field') is None


@scenario('a record in a table that does not exist')
def unknown_table():
    gr = admin().GlideRecord('no_such_table')
    gr.initialize()
    refused(RequestException, gr.insert)


run()
