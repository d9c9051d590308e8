from contextlib import asynccontextmanager

from pysnc.asyncio import AsyncServiceNowClient, AsyncServiceNowClientCredentialsFlow
from pysnc.exceptions import AuthenticationException, NotFoundException

from scenarios import ADMIN, ADMIN_ID, HTTPS, OAUTH_CLIENT, equal, run, scenario


@asynccontextmanager
async def admin():
    client = AsyncServiceNowClient(HTTPS, ADMIN)
    try:
        yield client
    finally:
        await client.close()


async def new_incident(client, **values):
    gr = await client.GlideRecord('incident')
    gr.initialize()
    for field, value in values.items():
        gr.set_value(field, value)
    assert await gr.insert()
    return gr


async def three(client, text):
    for _ in range(3):
        await new_incident(client, short_description=text)


async def named(client, text):
    gr = await client.GlideRecord('incident')
    gr.add_query('short_description', text)
    return gr


async def found(gr, field='number'):
    await gr.query()
    return [record.get_value(field) async for record in gr]


@scenario('async: a record by its sys_id and by a field')
async def get():
    async with admin() as client:
        gr = await client.GlideRecord('sys_user')
        assert await gr.get(ADMIN_ID)
        equal(gr.user_name, 'admin')
        gr = await client.GlideRecord('sys_user')
        assert await gr.get('user_name', 'fred.luddy')


@scenario('async: pages hold each record once')
async def pages():
    async with admin() as client:
        gr = await client.GlideRecord('incident', batch_size=3)
        numbers = await found(gr)
        equal(len(set(numbers)), gr.get_row_count())


@scenario('async: fields of a referenced record')
async def dots():
    async with admin() as client:
        gr = await client.GlideRecord('incident')
        gr.fields = 'number,caller_id.name'
        assert await gr.get('number', 'INC0000001')
        equal(gr.get_value('caller_id.name'), 'Fred Luddy')


@scenario('async: a write without an Accept header')
async def insert():
    async with admin() as client:
        gr = await new_incident(client, short_description='Async')
        assert gr.get_value('number').startswith('INC')


@scenario('async: an update')
async def update():
    async with admin() as client:
        gr = await new_incident(client, short_description='Before')
        gr.short_description = 'After'
        assert await gr.update()
        equal(await found(await named(client, 'After')), [gr.get_value('number')])


@scenario('async: a deleted record is gone')
async def delete():
    async with admin() as client:
        gr = await new_incident(client)
        assert await gr.delete()
        try:
            await gr.delete()
        except NotFoundException:
            return
        raise AssertionError('the second delete was not refused')


@scenario('async: several records are updated in one batch')
async def update_multiple():
    async with admin() as client:
        await three(client, 'Async updates')
        gr = await named(client, 'Async updates')
        await gr.query()
        async for one in gr:
            one.description = 'changed'
        assert await gr.update_multiple()
        equal(await found(await named(client, 'Async updates'), 'description'), ['changed'] * 3)


@scenario('async: several records are deleted in one batch')
async def delete_multiple():
    async with admin() as client:
        await three(client, 'Async deletes')
        assert await (await named(client, 'Async deletes')).delete_multiple()
        equal(await found(await named(client, 'Async deletes')), [])


@scenario('async: an attachment is uploaded, listed, read and deleted')
async def attachment():
    async with admin() as client:
        gr = await new_incident(client, short_description='With a file')
        files = await client.Attachment('incident')
        assert '/attachment/' in await files.add_attachment(gr.sys_id, 'note.txt', b'first')
        files.add_query('table_sys_id', gr.sys_id)
        await files.query()
        assert await files.next()
        equal((files.file_name, await files.read()), ('note.txt', b'first'))
        await files.delete()
        assert not await (await client.Attachment('incident')).get(files.sys_id)


@scenario('async: OAuth with the credentials of the client')
async def client_credentials():
    session = await AsyncServiceNowClientCredentialsFlow(*OAUTH_CLIENT).authenticate(HTTPS)
    client = AsyncServiceNowClient(HTTPS, session)
    await (await client.GlideRecord('change_request')).query()
    await client.close()


@scenario('async: a wrong password is refused')
async def wrong_password():
    client = AsyncServiceNowClient(HTTPS, ('admin', 'wrong'))
    gr = await client.GlideRecord('incident')
    try:
        await gr.query()
    except AuthenticationException:
        return
    finally:
        await client.close()
    raise AssertionError('the wrong password was accepted')


run()
