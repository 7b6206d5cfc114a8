"""An independent client of Wangge: ZeroMQ and protobuf straight from proto/, none of the project's own C code.

cell      a private PostgreSQL and the three services, with keys, ports and folders of their own
client    calls
follower  durable subscriptions
orders    valid orders to start from
"""
