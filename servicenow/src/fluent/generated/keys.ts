import '@servicenow/sdk/global'

declare global {
    namespace Now {
        namespace Internal {
            interface Keys extends KeysRegistry {
                explicit: {
                    'acl-delivery-read': {
                        table: 'sys_security_acl'
                        id: 'bb5cb1fae51644dc857075b42ab25635'
                    }
                    'acl-door': {
                        table: 'sys_security_acl'
                        id: '8265f47a2a0d4d378f78cf86d3f3cd11'
                    }
                    'action-poke-again': {
                        table: 'sysevent_script_action'
                        id: 'e3b4a0045e8140d7b1205561d959fb3f'
                    }
                    'api-deliveries': {
                        table: 'sys_ws_definition'
                        id: 'aaa1cb69e0a6465bab458327cad5b5e9'
                    }
                    'api-deliveries-v1': {
                        table: 'sys_ws_version'
                        id: '50e9b9a0a5f14377b9af0b28b8bb691d'
                    }
                    'api-events': {
                        table: 'sys_ws_definition'
                        id: '4991a863aab24b5dbb3295b353093186'
                    }
                    'api-events-v1': {
                        table: 'sys_ws_version'
                        id: 'a0a4f2996c264882879e2ebad83dd709'
                    }
                    'api-flows': {
                        table: 'sys_ws_definition'
                        id: '2402ba80b6be4c4991a7af5520d63a6a'
                    }
                    'api-flows-v1': {
                        table: 'sys_ws_version'
                        id: '173fd7feb319410fafc1dd25416eed3b'
                    }
                    bom_json: {
                        table: 'sys_module'
                        id: '011be822dd8b434eb591e60f234d4fcd'
                    }
                    'delivery-log-retention': {
                        table: 'sys_auto_flush'
                        id: '3d7591694b874e0cbb5da71f5467635b'
                    }
                    'event-notify': {
                        table: 'sysevent_register'
                        id: '8cb656ac2a2f435e9003e6efa1ccc865'
                    }
                    'event-poke': {
                        table: 'sysevent_register'
                        id: '7467d8cfda3b4498b6fd9a84c9754c6f'
                    }
                    'get-delivery': {
                        table: 'sys_ws_operation'
                        id: '52f567a295ce4aeea15407a774fcc31b'
                    }
                    'include-delivery-log': {
                        table: 'sys_script_include'
                        id: 'c358ab83fee14b19ba64fc6abc8bae2b'
                    }
                    'include-door': {
                        table: 'sys_script_include'
                        id: 'c092bec4952b4b538aa05c6cb4201799'
                    }
                    'include-door-message': {
                        table: 'sys_script_include'
                        id: '502ff5c034ea4af98eb7756da2d3cbe4'
                    }
                    'include-door-signature': {
                        table: 'sys_script_include'
                        id: '1d94c5a04fdb48afbcb0006bc7072075'
                    }
                    'include-flow-runs': {
                        table: 'sys_script_include'
                        id: '9d0ce8c362ac4ac2b75ecd1b78303bb8'
                    }
                    'include-resume-poke': {
                        table: 'sys_script_include'
                        id: '4346502783cd48e1ab2baa41ec7b6807'
                    }
                    package_json: {
                        table: 'sys_module'
                        id: 'da0e9073c80f4d0f98f591a5992d0efb'
                    }
                    'post-events': {
                        table: 'sys_ws_operation'
                        id: '226dd61e923244c099dcb070da727e36'
                    }
                    'post-flows': {
                        table: 'sys_ws_operation'
                        id: 'd378c3131f3c4857b482db89321844e1'
                    }
                    'privilege-read-change': {
                        table: 'sys_scope_privilege'
                        id: '69f41b668a9148488710417327f92f72'
                    }
                    'property-events': {
                        table: 'sys_properties'
                        id: 'f0bd15a360c545e3835be97c4629f14a'
                    }
                    'property-flows': {
                        table: 'sys_properties'
                        id: '4b5a808bfb4e4d4895741ee8705562c4'
                    }
                    'property-github-api': {
                        table: 'sys_properties'
                        id: '5a368da6459744f5a499c2a5e0a484bc'
                    }
                    'property-github-ref': {
                        table: 'sys_properties'
                        id: 'f209eb519a7e468887da269f66aaa0e0'
                    }
                    'property-github-repository': {
                        table: 'sys_properties'
                        id: 'ef1a2a015abe405e93f5c1eaa8533991'
                    }
                    'property-github-token': {
                        table: 'sys_properties'
                        id: '6199cd9f9dab4f6aa7da7b354a186732'
                    }
                    'property-github-workflow': {
                        table: 'sys_properties'
                        id: '3cd548ec539841de9daab08ced1b7341'
                    }
                    'property-max-age': {
                        table: 'sys_properties'
                        id: '7208a3279ea8426c897020297e76953f'
                    }
                    'property-signing-secret': {
                        table: 'sys_properties'
                        id: '117aacd7294a4281890657be3be8a402'
                    }
                    'rule-poke': {
                        table: 'sys_script'
                        id: '5e2cf1b9177a4a8aae67e3fe6acf35aa'
                    }
                }
                composite: [
                    {
                        table: 'sys_documentation'
                        id: '0089d6d005d845c38e8d293fd479a2d9'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'sent_at'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '01059da3bb764ce6976eabda05c31dda'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'run_attempt'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '05d316ae3ab94860a7ea821287a2550b'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'environment'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '0e8164c69b7841f6889658267a69fada'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'name'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '28420aeb11bf47a19b9fde73808930d5'
                        key: {
                            logical_table_name: 'x_chgact_delivery'
                            col_name_string: 'delivery'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2e8279e95ebd4898a220e4e6357b4ddb'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'execution'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '33150b59edcc4bd88dbd30fdf8a0fa80'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'taking'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '364bed85370d47d3a164c262031ca578'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'delivery'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '479256b75c8049c29ff64eb2b4d9e372'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '4f2b711e73d845429b60f686cf2c8dc8'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'delivery'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4faac8144db84292b1e05ac9a75b11ea'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'change_number'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '50366072ca364ba58604720751b89e74'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'error'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '664c6db428e9499f8f5e09a7cc892066'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'name'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: '6fccbd5be6b34699bcc175123f4fcddd'
                        key: {
                            name: 'x_chgact_delivery'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '73ab6dca657b4bad92ad9d1adf0e0d56'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '7ba24ac9e0164d42af343d29d34963bc'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'environment'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '85af24ca94d74e96a1a6b086feb278f4'
                        key: {
                            name: 'x_chgact.caller'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '88e80c49ead84c828a96888aeeddc157'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'taking_key'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '99550502960c46e78d403c9252df1d7e'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'change_number'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '9e87c3e3a7af4e6285b397083a7dd7b9'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'execution'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '9fa16f538c9348e0b483d1f70d673532'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'kind'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a5e3944df8de4a33a390e8fc764780b9'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'change_sys_id'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: 'b0c2b1b35d594404868b71e604db7cd9'
                        key: {
                            name: 'x_chgact_delivery'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b4204a4d2078419ca50e2bb43fecd4ad'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'run_id'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'cb3232944e4740f4b23d35e10fda5409'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'taking'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'cdc21e2fe1f54264bab7f77bc3bc1568'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'run_attempt'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd3467f63005a4c8f8ae51ec51e7a6057'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'error'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd8820b4d599f4c92b73834d6917c6a90'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'taking_key'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: 'dd7173effa354dd8997b5dd8b9673907'
                        key: {
                            name: 'x_chgact.admin'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'e7fb55370c774f59af1fb4f0209ad189'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'repository'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'ea86640cb9524dc0a97d728d71b8d6f6'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'change_sys_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'ee38ce06a1c245808de5e69f29e0cde1'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'repository'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f094fb35cb89450a80e93aace279ffd6'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'state'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'f161e58a4adb4660998014ecf65ace06'
                        key: {
                            sys_security_acl: '8265f47a2a0d4d378f78cf86d3f3cd11'
                            sys_user_role: {
                                id: '85af24ca94d74e96a1a6b086feb278f4'
                                key: {
                                    name: 'x_chgact.caller'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f4749349fc8841288425606aee70c2e9'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'run_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'f68e1007151e45cd99d8b152c92f648b'
                        key: {
                            sys_security_acl: 'bb5cb1fae51644dc857075b42ab25635'
                            sys_user_role: {
                                id: 'dd7173effa354dd8997b5dd8b9673907'
                                key: {
                                    name: 'x_chgact.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f95972ed5acb476799a85970cb64d9d7'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'sent_at'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f9f057b38c574bbdaef60b5fe059e5b1'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'kind'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'fb47fc9543fa43f996b28747c5107e2c'
                        key: {
                            name: 'x_chgact_delivery'
                            element: 'state'
                        }
                    },
                ]
            }
        }
    }
}
